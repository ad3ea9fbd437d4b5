/** Looks at the traces of the orders of the last minutes, a bounded number at a time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { messageOf } from '../cli/errors.ts';
import type { TraceReader } from '../trace/jaeger.ts';
import type { Span } from '../trace/span.ts';
import { type Figure, figureOf } from './figure.ts';
import type { Gap } from './gaps.ts';
import { type Judgement, judge } from './outcome.ts';

/** What {@link startChecker} needs. */
export interface CheckerOptions {
  readonly traces: TraceReader;
  /** Whether the order of that number has ended; `undefined` when there is none. */
  readonly hasEnded: (orderId: number) => Promise<boolean | undefined>;
  readonly gaps: () => Promise<readonly Gap[]>;
  readonly log: FastifyBaseLogger;
  readonly limits?: Partial<CheckerLimits>;
}

/** Times in milliseconds, and numbers of traces. */
export interface CheckerLimits {
  /** Pause between two passes. */
  readonly everyMs: number;
  /** Time spans have to reach Jaeger, after the placing of an order and again after its end. */
  readonly settleMs: number;
  /** How far back the figure reaches. */
  readonly windowMs: number;
  /** New orders looked at in one pass; with more than that it is a sample. */
  readonly fresh: number;
  /** Orders looked at once more in one pass. */
  readonly again: number;
}

/** 25 traces of ~60 spans are about 2 MB of JSON, some 30 ms of work: eight orders per second are all looked at. */
const usualLimits: CheckerLimits = {
  everyMs: 3000,
  settleMs: 10_000,
  windowMs: 300_000,
  fresh: 25,
  again: 10,
};

/** A running checker. */
export interface Checker {
  figure(): Figure;
  close(): Promise<void>;
}

/** An order whose trace is not whole yet. */
interface Open {
  readonly placedMs: number;
  endedSeenMs?: number;
}

/** Who is asked for accepted orders, in turn: the trace of an order that lost one's span is found by the other's. */
const witnesses = ['gateway', 'orders'] as const;

/** Starts looking. A Jaeger that is away is told once, and the figure ages until it is back. */
export function startChecker(options: CheckerOptions): Checker {
  const { traces, hasEnded, gaps, log } = options;
  const limits = { ...usualLimits, ...options.limits };
  const closing = new AbortController();
  const judged = new Map<string, Judgement & { readonly placedMs: number }>();
  const open = new Map<string, Open>();
  const lookedUntil = new Map<string, number>();
  let turn = 0;
  let away = false;

  function settle(traceId: string, placedMs: number, judgement: Judgement): void {
    open.delete(traceId);
    judged.set(traceId, { ...judgement, placedMs });
  }

  async function lookAtNew(now: number): Promise<void> {
    const witness = witnesses[turn % witnesses.length] ?? 'gateway';
    turn += 1;
    const toMs = now - limits.settleMs;
    const fromMs = lookedUntil.get(witness) ?? now - limits.windowMs;
    if (toMs <= fromMs) return;
    const found = await traces.ordersPlaced({ witness, fromMs, toMs, limit: limits.fresh });
    lookedUntil.set(witness, toMs);
    for (const spans of found) {
      const traceId = spans[0]?.trace_id ?? '';
      if (judged.has(traceId) || open.has(traceId)) continue;
      const judgement = judge(spans, []);
      const placedMs = begunMs(spans);
      if (judgement.outcome === 'complete') settle(traceId, placedMs, judgement);
      else open.set(traceId, { placedMs });
    }
  }

  async function lookAgain(now: number): Promise<void> {
    for (const [traceId, order] of [...open].slice(0, limits.again)) {
      const spans = await traces.trace(traceId);
      if (spans.length === 0) {
        // Jaeger keeps the last few thousand traces, and forgets all when it is restarted
        open.delete(traceId);
        continue;
      }
      const patient = order.endedSeenMs !== undefined && now - order.endedSeenMs >= limits.settleMs;
      const judgement = judge(spans, patient ? await gaps() : []);
      if (judgement.outcome === 'complete' || patient) {
        settle(traceId, order.placedMs, judgement);
        continue;
      }
      if (order.endedSeenMs === undefined && (await ended(spans))) order.endedSeenMs = now;
      // those that wait stand behind the others next time
      open.delete(traceId);
      open.set(traceId, order);
    }
  }

  async function ended(spans: readonly Span[]): Promise<boolean> {
    const id = spans.map((span) => Number(span.attributes['order.id'])).find((one) => one > 0);
    // Without its number an order cannot be asked for: what there is of its trace must do.
    return id === undefined ? true : ((await hasEnded(id)) ?? true);
  }

  async function pass(): Promise<void> {
    const now = Date.now();
    await lookAtNew(now);
    await lookAgain(now);
    for (const [traceId, { placedMs }] of judged) {
      if (placedMs < now - limits.windowMs) judged.delete(traceId);
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await pass();
        if (away) log.info('traces are checked again');
        away = false;
      } catch (error) {
        if (!away) log.warn({ reason: messageOf(error) }, 'traces cannot be checked');
        away = true;
      }
      await delay(limits.everyMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }
  const running = run();

  return {
    figure: () => figureOf(judged, open.size, limits.windowMs / 1000),
    async close() {
      closing.abort();
      await running;
    },
  };
}

function begunMs(spans: readonly Span[]): number {
  return Math.min(...spans.map((span) => span.start_us)) / 1000;
}
