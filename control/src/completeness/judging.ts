/**
 * Judges the traces of the orders of the last minutes, a bounded number of them, each by a deadline.
 *
 * The orders come from their database; a share of them is chosen by trace id. The trace of a chosen order is read once,
 * when the order has ended and its last spans have had their time to arrive. A trace that Jaeger does not hold then is
 * read again, unless Jaeger was down since: it had the trace in its memory, and what was in it is lost. One that
 * was not judged by its deadline is unproven, or unprovable where Jaeger is still down.
 *
 * Memory: an order stays for `windowMs`, and at most `perSecond` are chosen, after a quiet time `burst` more: with the
 * usual limits that is 8 × 300 + 80 = 2,480 orders, some 1 MB.
 */
import type { TraceReader } from '../trace/jaeger.ts';
import type { Span } from '../trace/span.ts';
import { type Counted, type Figure, figureOf, type Seen } from './figure.ts';
import type { OrderSource } from './orders.ts';
import { Choice } from './orders.ts';
import type { Gap } from './outcome.ts';
import { judge, lostWithCollector } from './outcome.ts';

/** Times in milliseconds, and numbers of orders. */
export interface JudgingLimits {
  /** Pause between two passes. */
  readonly everyMs: number;
  /** Time spans have to reach Jaeger after the end of an order. Orders younger than that are not looked for. */
  readonly settleMs: number;
  /** Time after its placing by which an order must have been judged. */
  readonly deadlineMs: number;
  /** How far back the figure reaches. */
  readonly windowMs: number;
  /** Orders chosen per second, on average. With no more than that all are. */
  readonly perSecond: number;
  /** Orders chosen at once after a quiet time. */
  readonly burst: number;
  /** Most traces read in one pass; twice as many as are chosen, so that traces read again hold up no new ones. */
  readonly reads: number;
}

/**
 * 25 traces of ~60 spans are about 2 MB of JSON, some 30 ms of work. Up to eight orders per second all are judged; of
 * 50 per second about every sixth.
 */
export const usualLimits: JudgingLimits = {
  everyMs: 3000,
  settleMs: 10_000,
  deadlineMs: 120_000,
  windowMs: 300_000,
  perSecond: 8,
  burst: 80,
  reads: 50,
};

/** Orders asked for at a time. */
const pageSize = 2000;

/** Traces asked for at a time. */
const readAtOnce = 25;

/** What {@link createJudging} needs. */
export interface JudgingOptions {
  readonly orders: OrderSource;
  readonly traces: Pick<TraceReader, 'traces' | 'traceOfOrder'>;
  readonly gaps: () => Promise<readonly Gap[]>;
  readonly limits: JudgingLimits;
}

/** An order that was chosen; times in milliseconds since the epoch. */
interface Chosen extends Counted {
  readonly id: number;
  readonly traceId: string | undefined;
  readonly placedMs: number;
  endedMs?: number;
  readMs?: number;
}

/** Judges in passes. */
export interface Judging {
  /**
   * Looks for new orders, and judges those whose time has come. Throws when a source does not answer: what could be done
   * without it is done, deadlines included.
   */
  pass(now: number): Promise<void>;
  figure(): Figure;
  /** Orders kept in memory. */
  readonly size: number;
}

/** Begins with the orders that can still be judged by their deadline. */
export function createJudging({ orders, traces, gaps, limits }: JudgingOptions): Judging {
  const kept = new Map<number, Chosen>();
  const seen: (Seen & { readonly atMs: number })[] = [];
  let cursor: string | undefined;
  let allowed = limits.burst;
  let passedMs: number | undefined;

  async function chooseNew(now: number): Promise<void> {
    const more = ((now - (passedMs ?? now)) / 1000) * limits.perSecond;
    allowed = Math.min(limits.burst, allowed + more);
    passedMs = now;
    const choice = new Choice(Math.floor(allowed));
    try {
      for (let last = false; !last; ) {
        const page = await orders.placed({
          after: cursor,
          youngestMs: limits.settleMs,
          // after an outage of the database the orders placed meanwhile count too, at least as unproven
          oldestMs: cursor === undefined ? limits.deadlineMs : limits.windowMs,
          limit: pageSize,
        });
        for (const order of page.orders) if (!kept.has(order.id)) choice.add(order);
        cursor = page.cursor;
        last = page.orders.length < pageSize;
      }
    } finally {
      // the cursor is past them: this is the last time they are read
      const weight = 1 / choice.share;
      for (const { id, traceId, ageMs } of choice.chosen) {
        kept.set(id, { id, traceId, placedMs: now - ageMs, weight, outcome: 'waiting', missing: [] });
      }
      allowed -= choice.chosen.length;
      seen.push({ atMs: now, placed: choice.seen, chosen: choice.chosen.length });
    }
  }

  const waiting = () => [...kept.values()].filter(({ outcome }) => outcome === 'waiting');

  async function judgeThoseDue(now: number): Promise<void> {
    const pending = waiting().filter(({ endedMs }) => endedMs === undefined);
    const ended = await orders.ended(pending.map(({ id }) => id));
    for (const order of pending) {
      const agoMs = ended.get(order.id);
      if (agoMs !== undefined) order.endedMs = now - agoMs;
    }
    const due = waiting()
      .filter(({ endedMs = Infinity }) => now - endedMs >= limits.settleMs)
      // traces that were never read come first, then those read longest ago
      .sort((one, other) => (one.readMs ?? 0) - (other.readMs ?? 0))
      .slice(0, limits.reads);
    for (let from = 0; from < due.length; from += readAtOnce) {
      await judgeTraces(due.slice(from, from + readAtOnce), now);
    }
  }

  async function judgeTraces(due: readonly Chosen[], now: number): Promise<void> {
    const ids = due.flatMap(({ traceId }) => traceId ?? []);
    const found = ids.length === 0 ? [] : await traces.traces(ids);
    const byId = new Map(found.map((spans) => [spans[0]?.trace_id, spans]));
    let known: readonly Gap[] | undefined;
    for (const order of due) {
      order.readMs = now;
      const spans: readonly Span[] =
        order.traceId === undefined ? await traces.traceOfOrder(order.id) : (byId.get(order.traceId) ?? []);
      if (spans.length === 0) {
        known ??= await gaps();
        if (lostWithCollector(order, known)) order.outcome = 'unprovable';
        continue;
      }
      order.judgedTraceId = spans[0]?.trace_id;
      let judgement = judge(spans, [], order);
      if (judgement.outcome === 'incomplete') {
        known ??= await gaps();
        judgement = judge(spans, known, order);
      }
      order.outcome = judgement.outcome;
      order.missing = judgement.missing;
    }
  }

  /** An order that could not be judged in time is unproven, or unprovable where no collector was there for its spans. */
  async function endWaiting(now: number): Promise<void> {
    const late = waiting().filter(({ placedMs }) => now - placedMs >= limits.deadlineMs);
    for (const order of late) order.outcome = 'unproven';
    if (late.length === 0) return;
    const known = await gaps();
    for (const order of late) if (lostWithCollector(order, known)) order.outcome = 'unprovable';
  }

  function letGo(now: number): void {
    const from = now - limits.windowMs;
    for (const { id, placedMs } of kept.values()) if (placedMs < from) kept.delete(id);
    while ((seen[0]?.atMs ?? Infinity) < from) seen.shift();
  }

  return {
    async pass(now) {
      const problems: unknown[] = [];
      await chooseNew(now).catch((error: unknown) => problems.push(error));
      await judgeThoseDue(now).catch((error: unknown) => problems.push(error));
      await endWaiting(now).catch((error: unknown) => problems.push(error));
      letGo(now);
      if (problems.length > 0) throw problems[0];
    },
    figure: () => figureOf([...kept.values()], seen, limits.windowMs / 1000),
    get size() {
      return kept.size;
    },
  };
}
