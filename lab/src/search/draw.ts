/** Schedules drawn from a seed: which faults, where, when and how long; and how each can be made shorter or weaker. */
import { consumers, poisonKinds } from '@microshop/control/messages/schemas';
import { type CallEdge, callEdges, type Placement, podsOf, serviceNamed } from '@microshop/topology';
import fc from 'fast-check';
import type { TimedFault } from '../experiment/definition.ts';
import { collide } from './schedule.ts';

/** A drawn fault, with what fast-check needs to make it smaller. */
export type DrawnFault = fc.Value<TimedFault>;

/** Faults of a schedule that was drawn, in the order in which they begin. */
export type Draw = readonly DrawnFault[];

/** Where faults can be. */
export interface Ground {
  /** Edges over which an order goes. */
  readonly edges: readonly CallEdge[];
  /** Parts that an order needs; none where processes cannot be reached. */
  readonly parts: readonly string[];
}

/** Faults of one schedule at most. */
const mostFaults = 4;

/** Times, milliseconds, the smallest first: so they are made smaller. The faults of a schedule take 8 s at most. */
const begins = [0, 1000, 2000, 3000, 4000] as const;
const lengths = [1000, 2000, 4000] as const;

const at_ms = fc.constantFrom(...begins);
const for_ms = fc.constantFrom(...lengths);

/** Share of the calls that a fault hits, percent. */
const percent = fc.constantFrom(30, 50, 100);

/** Delays, milliseconds: one that a call survives, one longer than an attempt, one longer than the deadline. */
const delays = [300, 1200, 5000] as const;

/** The service that places orders: it and what it calls is what the trace of an order shows. */
const placing = serviceNamed('orders');

/** Edges over which an order goes: to the service that places it, and from there. */
export const orderEdges: readonly CallEdge[] = callEdges.filter(
  ({ caller, callee }) => caller === placing.name || (caller === 'gateway' && callee === placing.name),
);

/** Where faults can be on a mesh: `power` says whether its processes can be reached. */
export function groundOf(placement: Placement, power: boolean): Ground {
  const services = [...new Set(orderEdges.map(({ callee }) => callee))];
  const pods = services.flatMap((name) => podsOf(placement, name));
  const cache = services.some((name) => serviceNamed(name).cache) ? ['redis'] : [];
  const parts = [...pods.flatMap(({ app, sidecar }) => [app, sidecar]), 'postgres', 'rabbitmq', ...cache];
  return { edges: orderEdges, parts: power ? parts : [] };
}

/** Plain objects, as a file that is read has them. */
const recordOf = <T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) =>
  fc.record(fields, { noNullPrototype: true });

const kind = <const K extends TimedFault['kind']>(name: K) => fc.constant<K>(name);

function ofEdge({ caller, callee }: CallEdge): fc.Arbitrary<TimedFault>[] {
  const edge = { kind: kind('calls'), service: fc.constant(callee), from: fc.constant(caller) };
  return [
    recordOf({ for_ms, percent, at_ms, ...edge, abort: fc.constant(503) }),
    recordOf({ for_ms, percent, at_ms, ...edge, delay_ms: fc.constantFrom(...delays) }),
    recordOf({ for_ms, percent, at_ms, ...edge, replace_answer: fc.constant<503>(503) }),
  ];
}

function ofPart(name: string): fc.Arbitrary<TimedFault>[] {
  const part = fc.constant(name);
  return [
    recordOf({ at_ms, kind: kind('kill'), part }),
    recordOf({ for_ms, at_ms, kind: kind('pause'), part }),
    recordOf({ for_ms, at_ms, kind: kind('down'), part }),
  ];
}

/** States that a server can be put into. */
function ofServers(parts: readonly string[]): fc.Arbitrary<TimedFault>[] {
  const state = (name: 'read-only' | 'hold-commits' | 'memory-alarm', part: string) =>
    parts.includes(part) ? [recordOf({ for_ms, at_ms, kind: kind(name), part: fc.constant(part) })] : [];
  return [
    ...state('read-only', 'postgres'),
    ...state('hold-commits', 'postgres'),
    ...state('memory-alarm', 'rabbitmq'),
  ];
}

/** Events that come more than once or cannot be handled, and a product that sells out. */
const ofOrders: readonly fc.Arbitrary<TimedFault>[] = [
  recordOf({ for_ms, at_ms, kind: kind('duplicates'), times: fc.constantFrom(1, 3) }),
  recordOf({
    for_ms,
    at_ms,
    kind: kind('poison'),
    every_ms: fc.constantFrom(500, 200),
    poison: fc.constantFrom(...poisonKinds),
    to: fc.constantFrom(...consumers),
  }),
  recordOf({
    seconds: fc.constantFrom(2, 3),
    at_ms,
    kind: kind('sale'),
    rate: fc.constant(30),
    units: fc.constant(30),
  }),
];

/** One fault anywhere on that ground. Each group is about as likely as the others, however many places it has. */
export function faultOn({ edges, parts }: Ground): fc.Arbitrary<TimedFault> {
  const groups = [edges.flatMap(ofEdge), parts.flatMap(ofPart), ofServers(parts), ofOrders];
  return fc.oneof(...groups.filter((group) => group.length > 0).map((group) => fc.oneof(...group)));
}

/** So many schedules of that seed; the same each time. */
export function drawn(seed: number, count: number, ground: Ground): Draw[] {
  const faults = fc.array(new Kept(faultOn(ground)), { minLength: 1, maxLength: mostFaults });
  return fc.sample(faults, { seed, numRuns: count }).map((some) => inOrder(withoutCollisions(some)));
}

/** The faults of a draw. */
export function faultsOf(draw: Draw): TimedFault[] {
  return draw.map(({ value }) => value);
}

function withoutCollisions(faults: Draw): Draw {
  return faults.filter(
    ({ value }, index) => !faults.slice(0, index).some((before) => collide(before.value, value)),
  );
}

function inOrder(faults: Draw): Draw {
  return faults.toSorted((one, other) => one.value.at_ms - other.value.at_ms);
}

/** Smaller ones, what is worth a run first: one fault fewer; then one fault that is shorter, weaker or earlier. */
export function* smaller(draw: Draw, fault: fc.Arbitrary<TimedFault>): Generator<Draw> {
  if (draw.length > 1) for (const index of draw.keys()) yield draw.toSpliced(index, 1);
  for (const [index, { value, context }] of draw.entries()) {
    for (const less of fault.shrink(value, context)) {
      const candidate = inOrder(draw.toSpliced(index, 1, less));
      if (withoutCollisions(candidate).length === draw.length) yield candidate;
    }
  }
}

/** Draws values together with what makes them smaller, which a sample leaves out. */
class Kept<T> extends fc.Arbitrary<fc.Value<T>> {
  readonly #inner: fc.Arbitrary<T>;

  constructor(inner: fc.Arbitrary<T>) {
    super();
    this.#inner = inner;
  }

  /** Without a bias: the first draws are like the last ones. */
  override generate(random: fc.Random): fc.Value<fc.Value<T>> {
    return new fc.Value(this.#inner.generate(random, undefined), undefined);
  }

  override canShrinkWithoutContext(_: unknown): _ is fc.Value<T> {
    return false;
  }

  override shrink(): fc.Stream<fc.Value<fc.Value<T>>> {
    return fc.Stream.nil();
  }
}
