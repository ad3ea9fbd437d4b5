/**
 * A simulated mesh for the judge: orders at a rate, the database that knows them, and a Jaeger that keeps a bounded
 * number of their traces. Time is what the test says it is.
 */
import type { Span } from '../../trace/span.ts';
import { recordedOrder } from '../../trace/testing/recorded.ts';
import { createJudging, type Judging, type JudgingLimits, usualLimits } from '../judging.ts';
import type { OrderSource } from '../orders.ts';
import type { Gap } from '../outcome.ts';

const recorded = recordedOrder();
const startUs = recorded[0]?.start_us ?? 0;

/** A trace that lacks what products wrote. */
const incomplete = recorded.filter((span) => span.service !== 'products');

/** An order of the simulation; times in milliseconds. */
export interface SimulatedOrder {
  readonly id: number;
  readonly traceId: string;
  readonly placedMs: number;
  /** `undefined`: it never ends. */
  readonly endedMs: number | undefined;
  /** The event in its outbox keeps no trace context. */
  readonly untraced: boolean;
  /** What Jaeger is sent of it. */
  readonly trace: 'whole' | 'incomplete' | 'none';
}

/** What a simulation begins with. */
export interface SimulationOptions {
  readonly limits?: Partial<JudgingLimits>;
  /** Traces Jaeger keeps. */
  readonly jaegerKeeps?: number;
}

/** A simulated mesh. */
export interface Simulation {
  readonly judging: Judging;
  now(): number;
  /** Places an order now. */
  place(order?: Partial<Pick<SimulatedOrder, 'trace' | 'untraced' | 'endedMs'>>): SimulatedOrder;
  /** Lets time pass until the next pass of the judge is due, and has it done. */
  pass(): Promise<void>;
  /** Orders at that many per second, for so long, a pass whenever one is due. */
  run(seconds: number, perSecond: number, trace: () => SimulatedOrder['trace']): Promise<void>;
  /** What the judge is to find out: of the orders placed in those last milliseconds, the share that is whole. */
  truth(lastMs: number): number;
  /** Jaeger is restarted: it has forgotten everything. `reported`: the runner reported that it was down. */
  forgetTraces(reported?: 'reported'): void;
  /** While set, that server does not answer. */
  unavailable: 'jaeger' | 'database' | undefined;
  /** What the runner's events report. */
  readonly gaps: Gap[];
  /** Another judge, as after a restart of the control service. */
  restartJudge(): Judging;
  /** Traces the judge has read. */
  readonly read: readonly string[];
}

/** Random numbers that are the same each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Eight of them. */
function hexDigits(random: number): string {
  return Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** Makes one. */
export function simulate({ limits: wanted, jaegerKeeps = 5000 }: SimulationOptions = {}): Simulation {
  const limits = { ...usualLimits, ...wanted };
  const random = seededRandom(7);
  const placed: SimulatedOrder[] = [];
  const byId = new Map<number, SimulatedOrder>();
  const jaeger = new Map<string, SimulatedOrder>();
  const read: string[] = [];
  let now = 1_800_000_000_000;

  const orders: OrderSource = {
    async placed({ after, youngestMs, oldestMs, limit }) {
      if (simulation.unavailable === 'database') throw new Error('no database');
      const page: SimulatedOrder[] = [];
      // numbers are given in order: the cursor is the number, and the place in the list
      for (let at = Number(after ?? '0'); at < placed.length && page.length < limit; at += 1) {
        const order = placed[at];
        if (order === undefined || now - order.placedMs < youngestMs) break;
        if (now - order.placedMs < oldestMs) page.push(order);
      }
      return {
        orders: page.map(({ id, traceId, placedMs, untraced }) => ({
          id,
          traceId: untraced ? undefined : traceId,
          ageMs: now - placedMs,
        })),
        cursor: page.at(-1)?.id.toString() ?? after,
      };
    },
    async ended(ids) {
      if (simulation.unavailable === 'database') throw new Error('no database');
      return new Map(
        ids.flatMap((id) => {
          const endedMs = byId.get(id)?.endedMs;
          return endedMs === undefined || endedMs > now ? [] : [[id, now - endedMs] as const];
        }),
      );
    },
  };

  function spansOf({ id, traceId, placedMs, trace }: SimulatedOrder): Span[] {
    return (trace === 'whole' ? recorded : incomplete).map((span) => ({
      ...span,
      trace_id: traceId,
      start_us: span.start_us - startUs + placedMs * 1000,
      attributes: 'order.id' in span.attributes ? { ...span.attributes, 'order.id': id } : span.attributes,
    }));
  }

  const gaps: Gap[] = [];

  const newJudging = () =>
    createJudging({
      orders,
      traces: {
        async traces(traceIds) {
          if (simulation.unavailable === 'jaeger') throw new Error('no Jaeger');
          read.push(...traceIds);
          return traceIds.flatMap((id) => {
            const order = jaeger.get(id);
            return order === undefined ? [] : [spansOf(order)];
          });
        },
        traceOfOrder: async (id) => {
          const order = byId.get(id);
          return order === undefined || !jaeger.has(order.traceId) ? [] : spansOf(order);
        },
      },
      gaps: async () => gaps,
      limits,
    });

  const simulation: Simulation & { judging: Judging } = {
    judging: newJudging(),
    gaps,
    now: () => now,
    place({ trace = 'whole', untraced = false, endedMs } = {}) {
      const order: SimulatedOrder = {
        id: placed.length + 1,
        traceId: Array.from({ length: 4 }, () => hexDigits(random())).join(''),
        placedMs: now,
        endedMs: endedMs ?? now + 100 + random() * 900,
        untraced,
        trace,
      };
      placed.push(order);
      byId.set(order.id, order);
      if (trace !== 'none') jaeger.set(order.traceId, order);
      const [oldest] = jaeger.size > jaegerKeeps ? jaeger.keys() : [];
      if (oldest !== undefined) jaeger.delete(oldest);
      return order;
    },
    async pass() {
      now += limits.everyMs;
      await simulation.judging.pass(now);
    },
    async run(seconds, perSecond, trace) {
      const end = now + seconds * 1000;
      for (let next = now + limits.everyMs; now < end; now += 1000 / perSecond) {
        simulation.place({ trace: trace() });
        if (now < next) continue;
        next += limits.everyMs;
        await simulation.judging.pass(now);
      }
    },
    truth(lastMs) {
      const last = placed.filter(({ placedMs }) => now - placedMs < lastMs);
      return last.filter(({ trace }) => trace === 'whole').length / last.length;
    },
    forgetTraces(reported) {
      jaeger.clear();
      if (reported !== undefined) gaps.push({ service: undefined, fromMs: now, toMs: now });
    },
    unavailable: undefined,
    restartJudge() {
      simulation.judging = newJudging();
      return simulation.judging;
    },
    read,
  };
  return simulation;
}
