/**
 * Schedules drawn from a seed: which faults, where, when and how long; and how each can be made shorter or weaker. What can be drawn
 * is a deck of cards, and none is dealt again before all others were: so some twenty schedules have had every fault.
 */
import { consumers, poisonKinds } from '@microshop/control/messages/schemas';
import {
  type CallEdge,
  callEdges,
  outboxServices,
  type Placement,
  podsOf,
  serviceNamed,
} from '@microshop/topology';
import fc from 'fast-check';
import type { TimedFault } from '../experiment/definition.ts';
import { collide } from './schedule.ts';

/** A fault that was drawn. */
export interface DrawnFault {
  readonly value: TimedFault;
  /** Those that are shorter, weaker or earlier, what is worth a run first. */
  smaller(): Iterable<DrawnFault>;
}

/** Faults of a schedule that was drawn, in the order in which they begin. */
export type Draw = readonly DrawnFault[];

/** Where faults can be. */
export interface Ground {
  /** Edges over which an order goes. */
  readonly edges: readonly CallEdge[];
  /** Parts that an order needs; absent where processes cannot be reached. */
  readonly parts?: {
    /** The gateway and the sidecars. */
    readonly envoys: readonly string[];
    readonly apps: readonly string[];
    /** Those of them that publish events, and consume them. */
    readonly publishers: readonly string[];
    readonly cache: readonly string[];
  };
}

/** One fault, or one that makes something wait and another that comes meanwhile. */
type Card = readonly fc.Arbitrary<TimedFault>[];

/** Cards of a schedule, and its faults at most. */
const fewestCards = 2;
const mostCards = 3;
const mostFaults = 4;

/** Times, milliseconds, the smallest first: so they are made smaller. The faults of a schedule take 8 s at most. */
const begins = [0, 1000, 2000, 3000, 4000] as const;
const lengths = [1000, 2000, 4000] as const;

const at_ms = fc.constantFrom(...begins);
const for_ms = fc.constantFrom(...lengths);

/** Times of a card of two: what makes something wait lasts from the begin until after the other one has come. */
const waits = { at_ms: fc.constant(0), for_ms: fc.constantFrom(2000, 4000) };
const meanwhile = fc.constantFrom(1000, 1500);

/** When the server itself dies: it has been asked about its state by then. */
const late = { ...waits, for_ms: fc.constant(2000) };
const atLast = fc.constant(1500);

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
  if (!power) return { edges: orderEdges };
  const services = [...new Set(orderEdges.map(({ callee }) => callee))];
  const pods = services.flatMap((name) => podsOf(placement, name));
  return {
    edges: orderEdges,
    parts: {
      envoys: ['gateway', ...pods.map(({ sidecar }) => sidecar)],
      apps: pods.map(({ app }) => app),
      publishers: pods.filter(({ service }) => outboxServices.includes(service)).map(({ app }) => app),
      cache: services.some((name) => serviceNamed(name).cache) ? ['redis'] : [],
    },
  };
}

/** Plain objects, as a file that is read has them. */
const recordOf = <T>(fields: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) =>
  fc.record(fields, { noNullPrototype: true });

const kind = <const K extends TimedFault['kind']>(name: K) => fc.constant<K>(name);

function ofEdge({ caller, callee }: CallEdge): Card[] {
  const edge = { kind: kind('calls'), service: fc.constant(callee), from: fc.constant(caller) };
  const fails: fc.Arbitrary<TimedFault> = fc.oneof(
    recordOf({ for_ms, percent, at_ms, ...edge, abort: fc.constant(503) }),
    recordOf({ for_ms, percent, at_ms, ...edge, replace_answer: fc.constant<503>(503) }),
  );
  return [[fails], [recordOf({ for_ms, percent, at_ms, ...edge, delay_ms: fc.constantFrom(...delays) })]];
}

/** What ends the process of a part, and what suspends it. */
const killed = (name: string, when: fc.Arbitrary<number> = at_ms): fc.Arbitrary<TimedFault> =>
  recordOf({ at_ms: when, kind: kind('kill'), part: fc.constant(name) });
const down = (name: string): fc.Arbitrary<TimedFault> =>
  recordOf({ for_ms, at_ms, kind: kind('down'), part: fc.constant(name) });
const paused = (name: string): fc.Arbitrary<TimedFault> =>
  recordOf({ for_ms, at_ms, kind: kind('pause'), part: fc.constant(name) });

/** A server in a state in which those that use it wait. */
const waitsFor = (
  part: string,
  state: 'pause' | 'hold-commits' | 'hold-locks' | 'memory-alarm',
  times = waits,
): fc.Arbitrary<TimedFault> => recordOf({ ...times, kind: kind(state), part: fc.constant(part) });

/** States of that kind; each has a card of its own, one with each part that can die meanwhile, and one with its own death. */
const states = [
  ['postgres', 'pause'],
  ['postgres', 'hold-commits'],
  ['postgres', 'hold-locks'],
  ['rabbitmq', 'pause'],
  ['rabbitmq', 'memory-alarm'],
] as const;

/** Faults of processes; none where they cannot be reached. */
function ofParts({ parts }: Ground): Card[] {
  if (parts === undefined) return [];
  const { envoys, apps, publishers, cache } = parts;
  return [
    ...[...envoys, ...apps, ...cache].map((name) => [fc.oneof(killed(name), down(name), paused(name))]),
    ...['postgres', 'rabbitmq'].map((name) => [fc.oneof(killed(name), down(name))]),
    [recordOf({ for_ms, at_ms, kind: kind('read-only'), part: fc.constant('postgres') })],
    ...states.flatMap(([server, state]) => [
      [waitsFor(server, state)],
      ...publishers.map((name) => [waitsFor(server, state), killed(name, meanwhile)]),
      [waitsFor(server, state, late), killed(server, atLast)],
    ]),
    [fc.oneof(waitsFor('rabbitmq', 'pause'), waitsFor('rabbitmq', 'memory-alarm')), sale],
  ];
}

/** Many buyers for one product. */
const sale: fc.Arbitrary<TimedFault> = recordOf({
  seconds: fc.constantFrom(2, 3),
  at_ms,
  kind: kind('sale'),
  rate: fc.constant(30),
  units: fc.constant(30),
});

/** Events that come more than once or cannot be handled, and the sale. */
const ofOrders: readonly Card[] = [
  [recordOf({ for_ms, at_ms, kind: kind('duplicates'), times: fc.constantFrom(1, 3) })],
  [
    recordOf({
      for_ms,
      at_ms,
      kind: kind('poison'),
      every_ms: fc.constantFrom(500, 200),
      poison: fc.constantFrom(...poisonKinds),
      to: fc.constantFrom(...consumers),
    }),
  ],
  [sale],
];

/** Every card. */
function deckOf(ground: Ground): Card[] {
  return [...ground.edges.flatMap(ofEdge), ...ofParts(ground), ...ofOrders];
}

/** So many schedules of that seed; the same each time. */
export function drawn(seed: number, count: number, ground: Ground): Draw[] {
  return fc.sample(new Dealt(deckOf(ground)), { seed, numRuns: count });
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
export function* smaller(draw: Draw): Generator<Draw> {
  if (draw.length > 1) for (const index of draw.keys()) yield draw.toSpliced(index, 1);
  for (const [index, fault] of draw.entries()) {
    for (const less of fault.smaller()) {
      const candidate = inOrder(draw.toSpliced(index, 1, less));
      if (withoutCollisions(candidate).length === draw.length) yield candidate;
    }
  }
}

/** Keeps a value together with what makes it smaller, which a sample leaves out. */
function drawnOf(from: fc.Arbitrary<TimedFault>, { value, context }: fc.Value<TimedFault>): DrawnFault {
  return {
    value,
    *smaller() {
      for (const less of from.shrink(value, context)) yield drawnOf(from, less);
    },
  };
}

/** Deals cards from a deck, and shuffles it again when it has come to its end. */
class Dealt extends fc.Arbitrary<Draw> {
  readonly #cards: readonly Card[];
  #left: Card[] = [];

  constructor(cards: readonly Card[]) {
    super();
    this.#cards = cards;
  }

  /** Without a bias: the first draws are like the last ones. */
  override generate(random: fc.Random): fc.Value<Draw> {
    const count = random.nextInt(fewestCards, mostCards);
    const faults: DrawnFault[] = [];
    const later: Card[] = [];
    // a card holds at most two faults; once only those are left that do not go with these, the schedule is as it is
    for (let dealt = 0; dealt < count && faults.length <= mostFaults - 2; ) {
      if (this.#left.length === 0 && later.length > 0) break;
      const card = this.#next(random);
      const more = card.map((from) => drawnOf(from, from.generate(random, undefined)));
      if (withoutCollisions([...faults, ...more]).length < faults.length + more.length) later.push(card);
      else {
        faults.push(...more);
        dealt += 1;
      }
    }
    this.#left.push(...later);
    return new fc.Value(inOrder(faults), undefined);
  }

  #next(random: fc.Random): Card {
    if (this.#left.length === 0) this.#left = [...this.#cards];
    const [card = []] = this.#left.splice(random.nextInt(0, this.#left.length - 1), 1);
    return card;
  }

  override canShrinkWithoutContext(_: unknown): _ is Draw {
    return false;
  }

  override shrink(): fc.Stream<fc.Value<Draw>> {
    return fc.Stream.nil();
  }
}
