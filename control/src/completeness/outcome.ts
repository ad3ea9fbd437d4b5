/**
 * What the trace of an ended order proves, and the times in which spans were lost although everything was traced: a process
 * was killed before it had sent its last ones, an Envoy was stopped (it sends none at its end), or the collector
 * was down. The runner's events report these. In containers there are none: then no gap is known, and an incomplete trace
 * counts as incomplete.
 */
import { readFile } from 'node:fs/promises';
import { hasCode } from '@microshop/program-kit/errors';
import { type LoggedEvent, loggedEvents } from '@microshop/program-kit/runner-events';
import { endOf, type Span } from '../trace/span.ts';
import { judgeOrder } from '../trace/verdict.ts';

/** Spans of `service` that ended between these times may be lost; milliseconds since the epoch. */
export interface Gap {
  /** `service.name`; `undefined` for everybody's. */
  readonly service: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Spans wait for up to a second in an app and in an Envoy; half a second more for a batch that is on its way. */
const unsentMs = 1500;

/** An Envoy drops the spans it has not sent also when it is stopped in order; an app sends them first. */
const envoy = /^gateway$|-sidecar(-\d+)?$/;

/** The collector all spans go to. */
const collector = 'jaeger';

/** The gaps that the events of a runner show. */
export function gapsIn(logged: readonly LoggedEvent[]): Gap[] {
  const gaps: Gap[] = [];
  let awayFrom: number | undefined;
  for (const { at_ms: at, event } of logged) {
    if (event.type === 'note') continue;
    const { type, part } = event;
    if (part === collector) {
      // natively, Jaeger may still be building when the first orders are placed
      if (type === 'died' || type === 'stopped' || type === 'joins-later') awayFrom ??= at - unsentMs;
      else if (type === 'healthy' && awayFrom !== undefined) {
        gaps.push({ service: undefined, fromMs: awayFrom, toMs: at + unsentMs });
        awayFrom = undefined;
      }
    } else if (type === 'died' || (type === 'stopped' && envoy.test(part))) {
      // a replica's spans have the name of its service: `orders-2` is `orders`
      gaps.push({ service: part.replace(/-\d+$/, ''), fromMs: at - unsentMs, toMs: at });
    }
  }
  if (awayFrom !== undefined) gaps.push({ service: undefined, fromMs: awayFrom, toMs: Infinity });
  return gaps;
}

/** Whether no collector was there for the spans of that moment (milliseconds since the epoch). */
export function collectorAway(gaps: readonly Gap[], atMs: number): boolean {
  return gaps.some(({ service, fromMs, toMs }) => service === undefined && fromMs <= atMs && atMs <= toMs);
}

/** Reads the gaps from the runner's events; none when there is no such file, as of a runner that did not write it yet. */
export async function readGaps(file: string): Promise<Gap[]> {
  try {
    return gapsIn(loggedEvents(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

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
 * collector, which keeps traces in its memory, was down between the placing of the order and its last span.
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

/** Whether a trace that Jaeger does not hold was lost with it: it was down after the order was placed. */
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
