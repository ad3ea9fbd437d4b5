/** What a schedule's faults explain, and what they leave unprovable: by what each of them takes away from an order. */
import { problemStatuses, serviceNamed } from '@microshop/topology';
import { unavailableCodes } from '../experiment/answers.ts';
import type { Experiment, TimedFault } from '../experiment/definition.ts';

/** The service that places orders. */
const placing = serviceNamed('orders');

/** Parts over which an order goes until it is placed; each writes spans. */
const onTheWay: readonly string[] = [
  'gateway',
  ...[placing.name, ...placing.calls].flatMap((name) => [name, `${name}-sidecar`]),
];

/** What an order cannot be placed without. It does without the others: its event waits, and a price comes from the database. */
const needed: readonly string[] = [...onTheWay, 'postgres'];

/** The name of a part without the number of a replica. */
function plain(part: string): string {
  return part.replace(/-\d+$/, '');
}

/** Parts between a buyer and the app that keeps the deadline, and that app. */
const untilDeadline = /^(gateway|orders(-\d+)?|orders-sidecar(-\d+)?)$/;

/** Codes of failure that the faults explain (I7). */
export function codesOf(faults: readonly TimedFault[]): string[] {
  return [...new Set(faults.flatMap(codesOfOne))];
}

function codesOfOne(fault: TimedFault): readonly string[] {
  if (fault.kind === 'calls') {
    // what the gateway asks of the others is no part of an order
    if (fault.from === 'gateway' && fault.service !== placing.name) return [];
    const answers = Object.entries(problemStatuses).find(([status]) => Number(status) === fault.abort);
    return [...codesAt(`${fault.service}-sidecar`), ...(answers?.[1].codes ?? [])];
  }
  // only what makes events take effect is locked
  if (fault.kind === 'hold-locks') return [];
  return 'part' in fault && needed.includes(plain(fault.part)) ? codesAt(fault.part) : [];
}

/** What a buyer may be answered while something is wrong with that part: nothing at all only where it is on the way to the app. */
function codesAt(part: string): readonly string[] {
  return [...unavailableCodes, ...(untilDeadline.test(part) ? ['no_answer'] : [])];
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
    'part' in fault && onTheWay.includes(plain(fault.part)) ? [plain(fault.part)] : [],
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

/** Callers whose attempts cannot be counted (I6): their Envoys die, and begin at zero. One that hangs counts on. */
export function uncountedBy(faults: readonly TimedFault[]): string[] {
  return faults.flatMap((fault) => {
    if (!('part' in fault) || fault.kind === 'pause') return [];
    return /^(?:gateway$|\w+(?=-sidecar(?:-\d+)?$))/.exec(fault.part)?.[0] ?? [];
  });
}
