/**
 * What `status` shows of a mesh beside its parts: breakers, consumers, changes, alerts, traces. The same in both run
 * modes.
 */

import type { FaultRecord, PolicyRecord } from '@microshop/control/changes/schemas';
import { readChanges } from '@microshop/control/changes/store';
import type { Figure } from '@microshop/control/completeness/figure';
import { usualLimits } from '@microshop/control/completeness/judging';
import type { Breaker, ReportedConsumer } from '@microshop/control/service/apps';
import { expectBody, requestJson, UnreachableError } from '@microshop/program-kit/http-json';
import { consumerStalledSeconds } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { columns } from '../output/columns.ts';
import { folded } from '../output/output.ts';
import { styled } from '../output/style.ts';
import { changeLines } from '../text/changes.ts';
import { type ControlClient, controlClient } from './control-client.ts';

/** What was changed, without what is kept to count hits. */
export interface ShownChanges {
  readonly faults: readonly Omit<FaultRecord, 'counted' | 'since'>[];
  readonly policyRecords: readonly PolicyRecord[];
}

/** What was changed on the mesh that keeps its changes in that directory. */
export async function changesIn(directory: string): Promise<ShownChanges> {
  const { faults, policyRecords } = await readChanges(directory);
  return { faults: faults.map(({ counted: _counted, since: _since, ...fault }) => fault), policyRecords };
}

/** What was changed on a mesh whose directory is out of reach, by its control service; nothing while that does not answer. */
export async function changesAsked(control: ControlClient): Promise<ShownChanges> {
  try {
    // imported on demand: nothing else here compares policies
    const { recordsOf } = await import('../travel/export.ts');
    const [faults, { policies }] = await Promise.all([control.faults(), control.policies()]);
    return {
      faults: faults.map(({ hits: _hits, waiting_for: _waiting, ...fault }) => fault),
      policyRecords: recordsOf(policies),
    };
  } catch (error) {
    if (error instanceof UnreachableError) return { faults: [], policyRecords: [] };
    throw error;
  }
}

/** Where to ask. */
export interface ReportingMesh {
  /** Addresses of the control service and of Prometheus, `http://host:port`; absent when nothing runs. */
  readonly control: string | undefined;
  readonly prometheus: string | undefined;
  /** Reads its faults and changed policies. */
  changes(): Promise<ShownChanges>;
  /** Whether there is a part of that name. */
  isThere(part: string): boolean;
}

/** The answers. One that is missing does not make a mesh unhealthy. */
export interface MeshReport {
  /** The breakers as the apps last reported them. */
  readonly breakers: readonly Breaker[];
  /** The consumers as the apps last reported them. */
  readonly consumers: readonly ReportedConsumer[];
  /** How many of the last orders have a whole trace. */
  readonly traces: Figure | null;
  readonly changes: ShownChanges;
  readonly alerts: readonly Alert[];
}

/** Asks all of them. */
export async function readMeshReport(mesh: ReportingMesh): Promise<MeshReport> {
  const control = mesh.control === undefined ? undefined : controlClient(mesh.control);
  const [breakers, consumers, traces, changes, alerts] = await Promise.all([
    control?.breakers().catch(() => []) ?? [],
    control?.consumers().catch(() => []) ?? [],
    control?.completeness().catch(() => null) ?? null,
    mesh.changes(),
    firingAlerts(mesh.prometheus),
  ]);
  // Prometheus keeps what a replica reported for a while after it is gone
  const isThere = ({ part }: { readonly part: string }) => mesh.isThere(part);
  return {
    breakers: breakers.filter(isThere),
    consumers: consumers.filter(isThere),
    traces,
    changes,
    alerts,
  };
}

/** Without what Prometheus still says of apps that do not run: they have no breaker, and consume nothing. */
export function ofRunning(report: MeshReport, runs: (part: string) => boolean): MeshReport {
  return {
    ...report,
    breakers: report.breakers.filter(({ part }) => runs(part)),
    consumers: report.consumers.map((consumer) =>
      runs(consumer.part) ? consumer : { ...consumer, consuming: false, held: 0, stalled_s: 0 },
    ),
  };
}

/** The same as fields of a JSON document. */
export function reportFields({ changes, ...report }: MeshReport) {
  const { faults, policyRecords: policies } = changes;
  return { ...report, faults, policies };
}

/** The same for people, an empty line before each group. */
export function reportLines({ breakers, consumers, traces, changes, alerts }: MeshReport): string[] {
  const notes = [...changeLines('Changed on purpose, and in effect:', changes), ...alertLines(alerts)];
  return [
    ...breakerLines(breakers),
    ...consumerLines(consumers),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    ...figureLines(traces),
  ];
}

/** `3.2 s`, `4 min`, `2.5 h`. */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function breakerLines(breakers: readonly Breaker[]): string[] {
  if (breakers.length === 0) return [];
  const rows = breakers.map((breaker) => [
    `${breaker.part} → ${breaker.callee}`,
    breaker.state === 'closed' ? styled('green', 'closed') : styled('red', breaker.state),
    String(breaker.opens),
    String(breaker.rejections),
    String(breaker.timeouts),
    `${breaker.age_s.toFixed(0)} s ago`,
  ]);
  const head = ['breaker', 'state', 'opened', 'rejected', 'timeouts', 'seen'];
  return ['', ...columns(head, rows, ['opened', 'rejected', 'timeouts'])];
}

function consumerState({ consuming, stalled_s }: ReportedConsumer): string {
  if (!consuming) return styled('red', 'missing');
  return stalled_s < consumerStalledSeconds ? styled('green', 'consuming') : styled('red', 'stalled');
}

function consumerLines(consumers: readonly ReportedConsumer[]): string[] {
  if (consumers.length === 0) return [];
  const rows = consumers.map((consumer) => [
    `${consumer.part} ← ${consumer.queue}`,
    consumerState(consumer),
    String(consumer.held),
    consumer.stalled_s === 0 ? '' : secondsText(consumer.stalled_s),
  ]);
  return [
    '',
    ...columns(['consumer', 'state', 'held', 'none settled for'], rows, ['held', 'none settled for']),
  ];
}

const alertSchema = Type.Object({
  state: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  annotations: Type.Record(Type.String(), Type.String()),
});

const alertsSchema = Type.Object({ data: Type.Object({ alerts: Type.Array(alertSchema) }) });

/** An alert that fires. */
export interface Alert {
  readonly name: string;
  readonly summary: string;
}

function alertOf({ labels, annotations }: Static<typeof alertSchema>): Alert {
  return { name: labels['alertname'] ?? 'unnamed', summary: annotations['summary'] ?? '' };
}

/** Those of the Prometheus at that address; none when it does not answer, which does not make a mesh unhealthy. */
export async function firingAlerts(prometheus: string | undefined): Promise<readonly Alert[]> {
  if (prometheus === undefined) return [];
  try {
    const { body } = await requestJson('prometheus', 'GET', `${prometheus}/api/v1/alerts`);
    const { alerts } = expectBody(alertsSchema, body, 'prometheus').data;
    return alerts.filter(({ state }) => state === 'firing').map(alertOf);
  } catch {
    return [];
  }
}

/** A line for each, or several when it is long. */
export function alertLines(alerts: readonly Alert[]): string[] {
  return alerts.flatMap(({ name, summary }) => folded(`${styled('red', 'Alert')} ${name}: ${summary}`));
}

/** Lines of `./mesh status` about traces, each of at most 100 columns. */
export function figureLines(figure: Figure | null): string[] {
  if (figure === null) return ['Traces: no answer from the control service'];
  const { unproven } = figure.orders;
  return [
    `Traces (last ${figure.window_s / 60} min): ${figureVerdict(figure)}`,
    ...shareLines(figure),
    ...(unproven > 0
      ? [
          styled(
            'yellow',
            `  ${unproven} unproven: no trace in Jaeger, or not ended, by the deadline; not counted as whole`,
          ),
        ]
      : []),
    ...figure.missing.flatMap(({ hop, orders, trace_id: traceId }) => [
      `  missing in ${orders}: ${hop}`,
      `    ./mesh trace ${traceId}`,
    ]),
  ];
}

function figureVerdict({ placed, ratio, orders }: Figure): string {
  const { complete, incomplete, unprovable, unproven, waiting } = orders;
  const all = complete + incomplete + unprovable + unproven + waiting;
  // newer orders are not read, so this cannot claim that none was placed
  if (placed === 0 && all === 0) return `no order older than ${usualLimits.settleMs / 1000} s to judge`;
  const rest = [
    ...(unprovable > 0 ? [`${unprovable} unprovable`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ];
  if (ratio === null) {
    const judged = `${complete + incomplete} judged`;
    return styled('yellow', ['cannot tell', judged, ...rest].join(', '));
  }
  const whole = `${complete} of ${complete + incomplete} provable orders have a whole trace`;
  return [styled(incomplete === 0 ? 'green' : 'red', whole), ...rest].join(', ');
}

function shareLines({ share, placed, ratio }: Figure): string[] {
  if (share === null || share === 1) return [];
  const judged = `${percent(share)} of ${placed} orders judged, chosen by trace id`;
  return [ratio === null ? `  ${judged}` : `  ${judged}; of all of them ${percent(ratio)} are whole`];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
