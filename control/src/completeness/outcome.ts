/** What the trace of an ended order proves. */
import { endOf, type Span } from '../trace/span.ts';
import { judgeOrder } from '../trace/verdict.ts';
import type { Gap } from './gaps.ts';

/** What became of a trace. */
export type Outcome = 'complete' | 'incomplete' | 'unprovable';

/** The judgement on one order. */
export interface Judgement {
  readonly outcome: Outcome;
  /** Names of what is missing; empty when complete. */
  readonly missing: readonly string[];
}

/** Named as missing when every hop left a span, and yet the spans are not one tree. */
export const brokenTree = 'a span that others hang on';

/** What is known of an order beside its spans. */
export interface KnownOrder {
  readonly id: number;
  /** When it was placed, milliseconds since the epoch. */
  readonly placedMs: number;
}

/**
 * Judges the spans of an order that has ended. Incomplete is unprovable when a gap explains all of it: everything that
 * is missing belongs to a process that was killed, and something of this very trace went on in that second; or the
 * collector, which keeps traces in its memory, was away between the placing of the order and its last span.
 */
export function judge(spans: readonly Span[], gaps: readonly Gap[], order?: KnownOrder): Judgement {
  const { complete, missing } = judgeOrder(spans, order?.id);
  if (complete) return { outcome: 'complete', missing: [] };
  const gone = missing.length > 0 ? missing : [brokenTree];
  const beganMs = Math.min(order?.placedMs ?? Infinity, ...spans.map((span) => span.start_us / 1000));
  const endedMs = Math.max(...spans.map((span) => endOf(span) / 1000));
  const touching = gaps.filter((gap) =>
    gap.service === undefined
      ? beganMs <= gap.toMs && endedMs >= gap.fromMs
      : spans.some((span) => overlaps(span, gap)),
  );
  const explained = gone.every((hop) =>
    touching.some(({ service }) => service === undefined || hop === brokenTree || service === writerOf(hop)),
  );
  return { outcome: explained ? 'unprovable' : 'incomplete', missing: gone };
}

/** Whether a trace that Jaeger does not hold was lost with it: it was away after the order was placed. */
export function lostWithCollector({ placedMs }: KnownOrder, gaps: readonly Gap[]): boolean {
  return gaps.some(({ service, toMs }) => service === undefined && placedMs <= toMs);
}

/** Name of the service whose span a hop is: hops are named `<service> does something`. */
export function writerOf(hop: string): string {
  return hop.split(' ', 1)[0] ?? '';
}

function overlaps(span: Span, { fromMs, toMs }: Gap): boolean {
  return span.start_us / 1000 <= toMs && endOf(span) / 1000 >= fromMs;
}
