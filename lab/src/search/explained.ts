/** What a schedule's faults explain, and what they leave unprovable: by what each of them takes away from an order. */
import { problemStatuses } from '@microshop/topology';
import type { Experiment, TimedFault } from '../experiment/definition.ts';

/** Codes that say that an order cannot be placed now, and not that anything is wrong with it. */
const unavailable: readonly string[] = [
  'dependency_unavailable',
  'dependency_timeout',
  'breaker_open',
  'overloaded',
  'deadline_exceeded',
  'no_answer',
];

/** What an order does without: its event waits in the outbox, and a price comes from the database. */
const dispensable: readonly string[] = ['rabbitmq', 'redis', 'prometheus', 'jaeger'];

/** Servers that send no spans of their own. */
const spanless: readonly string[] = ['postgres', 'rabbitmq', 'redis', 'prometheus'];

/** Parts between a buyer and the app that keeps the deadline, and that app. */
const untilDeadline = /^(gateway|orders(-\d+)?|orders-sidecar(-\d+)?)$/;

/** Codes of failure that the faults explain (I7). */
export function codesOf(faults: readonly TimedFault[]): string[] {
  return [...new Set(faults.flatMap(codesOfOne))];
}

function codesOfOne(fault: TimedFault): readonly string[] {
  if (fault.kind === 'calls') {
    const answers = Object.entries(problemStatuses).find(([status]) => Number(status) === fault.abort);
    return [...unavailable, ...(answers?.[1].codes ?? [])];
  }
  return 'part' in fault && !dispensable.includes(fault.part) ? unavailable : [];
}

/** Whether traces can be judged (I8): not where everybody's spans are lost, or statements end that were answered by nothing. */
export function tracesOf(faults: readonly TimedFault[]): Experiment['traces'] {
  const ofAll = faults.some(
    (fault) =>
      'part' in fault && (fault.part === 'jaeger' || (fault.part === 'postgres' && fault.kind === 'pause')),
  );
  return ofAll ? 'unprovable' : 'whole';
}

/** Writers that may lose spans (I8): they die or hang before they have sent them. Those of a replica have the name of its service. */
export function lossyBy(faults: readonly TimedFault[]): string[] {
  const parts = faults.flatMap((fault) =>
    'part' in fault && !spanless.includes(fault.part) ? [fault.part.replace(/-\d+$/, '')] : [],
  );
  return [...new Set(parts)];
}

/** Whether every answer can be in time (I5): nothing holds a request before the deadline is looked at. */
export function inTime(faults: readonly TimedFault[]): boolean {
  return !faults.some((fault) =>
    fault.kind === 'calls'
      ? fault.service === 'orders' && (fault.delay_ms !== undefined || fault.slow_answer !== undefined)
      : fault.kind === 'pause' && untilDeadline.test(fault.part),
  );
}

/** Callers whose attempts cannot be counted (I6): their Envoys die, and begin at zero. */
export function uncountedBy(faults: readonly TimedFault[]): string[] {
  return faults.flatMap((fault) => {
    if (!('part' in fault)) return [];
    return /^(?:gateway$|\w+(?=-sidecar(?:-\d+)?$))/.exec(fault.part)?.[0] ?? [];
  });
}
