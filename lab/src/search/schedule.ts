/** A schedule of faults: what it is, and what no mesh could run. */
import { faultMistake } from '@microshop/control/changes/schemas';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import { messageOf } from '@microshop/program-kit/errors';
import { impairmentNames } from '@microshop/program-kit/process-faults';
import { type FaultRequest, type Placement, podsOf } from '@microshop/topology';
import type { TimedFault } from '../experiment/definition.ts';

/** A schedule: what is kept, edited, sent to a colleague and run again. */
export interface Schedule {
  readonly load: {
    /** Buyers per second; each wants one order. */
    readonly rate: number;
    /** How long the faults may take, seconds; the load begins before them, and goes on until all are served again. */
    readonly seconds: number;
    /** How often a buyer sends an order again with its key whose answer leaves open what became of it. */
    readonly repeats?: number;
    /** Share of the buyers who send their order twice at once, with one key. */
    readonly twice?: number;
  };
  /** From which it was drawn. */
  readonly seed?: number;
  readonly faults: readonly TimedFault[];
}

/** The part that ends faults, and says whether an audit holds. */
const healer = 'control';

/** When a fault ends by what it says itself, milliseconds from the begin of the faults. */
export function endOf(fault: TimedFault): number {
  return fault.at_ms + (fault.kind === 'sale' ? 1000 * fault.seconds : (fault.for_ms ?? 0));
}

/** Where it is: at most one fault is at a place at a time, for the second would take the place of the first, or end it. */
export function placeOf(fault: TimedFault): string {
  if (fault.kind === 'calls') return `${fault.service}-sidecar`;
  if ('part' in fault) return fault.part;
  return fault.kind;
}

/** States of a part in which others wait for it. */
const waitedFor: readonly string[] = ['pause', 'hold-commits', 'hold-locks', 'memory-alarm'];

/** Whether the one ends the process for which the other makes others wait: it dies with all that they have sent it. */
function endsWait(one: TimedFault, other: TimedFault): boolean {
  return one.kind === 'kill' && waitedFor.includes(other.kind) && one.at_ms > other.at_ms;
}

/**
 * Whether two faults are at one place at the same time, unless the one is a kill of what others already wait for. A sale is once in a
 * schedule, for it keeps its answers by its name.
 */
export function collide(one: TimedFault, other: TimedFault): boolean {
  if (placeOf(one) !== placeOf(other)) return false;
  if (endsWait(one, other) || endsWait(other, one)) return false;
  return one.kind === 'sale' || (one.at_ms <= endOf(other) && other.at_ms <= endOf(one));
}

/** What is wrong with it beyond its form, a sentence each; `placement` names the parts that there are. */
export function mistakesIn({ load, faults }: Schedule, placement: Placement): string[] {
  const last = Math.max(...faults.map(endOf));
  return [
    ...faults.flatMap((fault, index) =>
      mistakesOf(fault, placement).map((says) => `faults[${index}]${says}`),
    ),
    ...faults.flatMap((fault, index) =>
      faults
        .slice(0, index)
        .flatMap((other, before) =>
          collide(fault, other) ? [collisionText(fault, `faults[${index}]`, `faults[${before}]`)] : [],
        ),
    ),
    ...(last > 1000 * load.seconds
      ? [`load.seconds must be at least ${Math.ceil(last / 1000)}: the last fault ends then`]
      : []),
  ];
}

function collisionText(fault: TimedFault, one: string, other: string): string {
  if (fault.kind === 'sale') return `${one} is a sale, and so is ${other}; a schedule has one at most`;
  return `${one} is at ${placeOf(fault)} while ${other} is; move one of them, or make calls that are slow and fail one fault`;
}

function mistakesOf(fault: TimedFault, placement: Placement): string[] {
  if (fault.kind === 'calls') {
    const { kind: _, at_ms: __, ...request } = fault;
    const mistake = faultMistake(request) ?? replicaMistake(request, placement);
    return mistake === undefined ? [] : [`: ${mistake}`];
  }
  if (fault.kind === 'sale') {
    const buyers = fault.rate * fault.seconds;
    return fault.units < buyers
      ? []
      : [`.units must be below ${buyers}: so many buyers come, and some have to find it sold out`];
  }
  if (!('part' in fault)) return [];
  if (fault.part === healer) return [`.part must not be ${healer}: it ends the faults, and does the audit`];
  const parts = partsWithoutTools(placement);
  const part = parts.find(({ name }) => name === fault.part);
  if (part === undefined) {
    const names = parts.map(({ name }) => name);
    return [`.part: ${messageOf(new UnknownPartError(fault.part, names))}`];
  }
  const state = impairmentNames.find((name) => name === fault.kind);
  if (state === undefined || part.impairments?.[state] !== undefined) return [];
  const knowing = parts.filter(({ impairments }) => impairments?.[state] !== undefined);
  return [
    `.part must be ${knowing.map(({ name }) => name).join(' or ')}: ${fault.part} does not support ${state}`,
  ];
}

/** What is wrong with the replica of a fault on a mesh: it has no such one. */
export function replicaMistake(
  { service, replica }: Pick<FaultRequest, 'service' | 'replica'>,
  placement: Placement,
): string | undefined {
  const pods = podsOf(placement, service).length;
  if (replica === undefined || replica <= pods) return undefined;
  return `There is no replica ${replica} of ${service}: it has ${pods}`;
}
