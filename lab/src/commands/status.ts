/** `./mesh status`: what runs. */

import type { Command } from 'commander';
import { readChanges } from '../changes/store.ts';
import { changeLines } from '../changes/told.ts';
import { alertLines, firingAlerts } from '../cli/alerts.ts';
import { columns } from '../cli/columns.ts';
import { exitCodes } from '../cli/errors.ts';
import { laterLines, makingText } from '../cli/making.ts';
import { print, printJson } from '../cli/output.ts';
import { meshSettings } from '../cli/settings.ts';
import { styled } from '../cli/style.ts';
import { urlLines, verdictLine } from '../cli/url-table.ts';
import type { Figure } from '../completeness/figure.ts';
import { figureLines } from '../completeness/text.ts';
import type { Breaker } from '../control/breakers.ts';
import { controlClient } from '../control/client.ts';
import type { ConsumerAsTold } from '../control/consumers.ts';
import { notRunning } from '../runner/supervisor-client.ts';
import type { MeshStatus } from '../runner/supervisor-schemas.ts';

/** The status of a mesh nobody runs. */
export function downStatus(instance: number): MeshStatus {
  return {
    instance,
    running: false,
    state: 'down',
    healthy: false,
    supervisor_pid: null,
    replicas: {},
    urls: {},
    parts: [],
  };
}

/** `3.2 s`, `4 min`, `2.5 h`. */
function duration(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function health(part: MeshStatus['parts'][number]): string {
  if (part.healthy) return styled('green', 'healthy');
  if (part.making !== null) return styled('yellow', makingText({ ...part.making, seconds_left: null }));
  if (part.state === 'running') return styled('red', 'not healthy');
  return part.state === 'stopped' ? styled('yellow', 'stopped') : styled('red', part.state);
}

function partRows(status: MeshStatus): string[][] {
  return status.parts.map((part) => [
    part.name,
    part.kind,
    health(part),
    part.pid === null ? '' : String(part.pid),
    String(part.restarts),
    part.rss_bytes === null ? '' : `${(part.rss_bytes / 2 ** 20).toFixed(0)} MiB`,
    duration(part.uptime_s),
    part.last_exit ?? '',
  ]);
}

/** What the control service adds. When it does not tell, that is no reason to call a mesh unwell. */
interface Told {
  /** The breakers as the apps last told. */
  readonly breakers: readonly Breaker[];
  /** The consumers as the apps last told. */
  readonly consumers: readonly ConsumerAsTold[];
  /** How many of the last orders have a whole trace. */
  readonly traces: Figure | null;
}

async function toldByControl({ urls, parts }: MeshStatus): Promise<Told> {
  if (urls['control'] === undefined) return { breakers: [], consumers: [], traces: null };
  const control = controlClient(urls['control']);
  const [breakers, consumers, traces] = await Promise.all([
    control.breakers().catch(() => []),
    control.consumers().catch(() => []),
    control.completeness().catch(() => null),
  ]);
  // Prometheus keeps what a replica told for a while after it is gone
  const isThere = ({ part }: { readonly part: string }) => parts.some(({ name }) => name === part);
  return { breakers: breakers.filter(isThere), consumers: consumers.filter(isThere), traces };
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

/** Seconds without a settled message after which a consumer that holds some is said to stand still. */
const stalledSeconds = 15;

function consumerState({ consuming, stalled_s }: ConsumerAsTold): string {
  if (!consuming) return styled('red', 'missing');
  return stalled_s < stalledSeconds ? styled('green', 'consuming') : styled('red', 'stands still');
}

function consumerLines(consumers: readonly ConsumerAsTold[]): string[] {
  if (consumers.length === 0) return [];
  const rows = consumers.map((consumer) => [
    `${consumer.part} ← ${consumer.queue}`,
    consumerState(consumer),
    String(consumer.held),
    consumer.stalled_s === 0 ? '' : duration(consumer.stalled_s),
  ]);
  return [
    '',
    ...columns(['consumer', 'state', 'held', 'none settled for'], rows, ['held', 'none settled for']),
  ];
}

/** Adds the command to the program. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('tell what runs; exit code 1 unless every part is healthy')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh status --json')
    .action(async (options: { json?: boolean }) => {
      const { instance, client, directory } = meshSettings();
      const status = (await client.status()) ?? downStatus(instance);
      if (!status.healthy) process.exitCode = exitCodes.failed;
      const [{ breakers, consumers, traces }, { faults, policyRecords: policies }, alerts] =
        await Promise.all([
          toldByControl(status),
          readChanges(directory.changes),
          firingAlerts(status.urls['prometheus']),
        ]);
      if (options.json === true) {
        const changed = {
          faults: faults.map(({ counted: _counted, since: _since, ...fault }) => fault),
          policies,
        };
        printJson({ ...status, breakers, consumers, traces, ...changed, alerts });
        return;
      }
      const changes = { faults, policyRecords: policies };
      if (!status.running) {
        print(notRunning(instance), ...changeLines('Kept for its next start:', changes));
        return;
      }
      const head = ['part', 'kind', 'health', 'pid', 'restarts', 'memory', 'up for', 'last end'];
      const table = columns(head, partRows(status), ['pid', 'restarts', 'memory', 'up for']);
      const told = [...changeLines('Changed on purpose, and in effect:', changes), ...alertLines(alerts)];
      const more = [
        ...breakerLines(breakers),
        ...consumerLines(consumers),
        ...(told.length === 0 ? [] : ['', ...told]),
        '',
        ...figureLines(traces),
      ];
      print(verdictLine(status), ...laterLines(status), '', ...table, ...more, '', ...urlLines(status));
    });
}
