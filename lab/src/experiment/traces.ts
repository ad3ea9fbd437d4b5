/** Whether the acknowledged orders of a run are traced whole. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { writerOf } from '@microshop/control/completeness/outcome';
import type { Verdict } from '@microshop/control/trace/verdict';
import { serviceNamed } from '@microshop/topology';
import type { Answer } from './answers.ts';

/** How the traces of the acknowledged orders were judged. */
export interface Traces {
  readonly complete: number;
  readonly incomplete: number;
  /** Not whole, and all that they lack may have ended with the process that wrote it. */
  readonly unprovable: number;
  /** Not judged: the trace never came, or Jaeger did not answer. */
  readonly unjudged: number;
  /** What the first incomplete ones lack, with their trace ids. */
  readonly missing: readonly string[];
  /** Trace ids of all incomplete ones. */
  readonly incomplete_ids: readonly string[];
}

/** The last requests, of which Jaeger still has the traces: it keeps 5,000 (`observability/src/jaeger.ts`), and others write some as well. */
const mostKept = 4000;

/** Incomplete traces that are described. */
const mostDescribed = 3;

/** Traces asked for at the same time. */
const readers = 8;

/** Time the last spans may take to arrive, milliseconds: apps and Envoys send a second after they end. */
const arriveLimitMs = 15_000;

/** Pause before those that are not whole are judged again, milliseconds. */
const againAfterMs = 1000;

/** By what else traces are judged. */
export interface JudgingRules {
  /** Writers of spans that may have lost some: processes that died or hung. */
  readonly lossy?: readonly string[];
  /** Until when they died or hung, milliseconds since the epoch: a trace that began later has lost nothing. */
  readonly lossyUntil?: number;
  /** Time the last spans may take, milliseconds. */
  readonly limitMs?: number;
}

/** Those of the `accepted` requests of which Jaeger still has the trace; `all` that were sent, refused ones too, wrote one each. */
export function stillKept<Sent extends Pick<Answer, 't'>>(
  accepted: readonly Sent[],
  all: readonly Pick<Answer, 't'>[],
): Sent[] {
  const times = all.map(({ t }) => t).sort((one, other) => other - one);
  const oldest = times[mostKept - 1] ?? Number.NEGATIVE_INFINITY;
  return accepted.filter(({ t }) => t >= oldest);
}

/** Judges the traces. Those that are not whole are judged again until they are, or the time is over. */
export async function judgeTraces(
  control: Pick<ControlClient, 'trace'>,
  traceIds: readonly string[],
  rules: JudgingRules = {},
): Promise<Traces> {
  const { limitMs = arriveLimitMs } = rules;
  const unprovable = new Set<string>();
  const notWhole = async (ids: readonly string[]) => {
    const found = new Map<string, string | undefined>();
    await readAll(control, ids, (id, verdict) => {
      if (verdict?.complete === true) return;
      if (verdict !== undefined && isExplained(verdict, rules)) unprovable.add(id);
      else found.set(id, verdict === undefined ? undefined : lackOf(id, verdict));
    });
    return found;
  };
  let left = await notWhole(traceIds);
  // judging takes a while, and the last traces may arrive meanwhile
  const end = performance.now() + limitMs;
  while (left.size > 0 && performance.now() < end) {
    await delay(Math.min(againAfterMs, limitMs));
    left = await notWhole([...left.keys()]);
  }
  const incomplete = [...left].flatMap(([id, lacks]) => (lacks === undefined ? [] : [{ id, lacks }]));
  return {
    complete: traceIds.length - left.size - unprovable.size,
    incomplete: incomplete.length,
    unprovable: unprovable.size,
    unjudged: left.size - incomplete.length,
    missing: incomplete.slice(0, mostDescribed).map(({ lacks }) => lacks),
    incomplete_ids: incomplete.map(({ id }) => id),
  };
}

/**
 * Whether all that it lacks was to be written by one of those. Where only parents are lost, nobody knows whose they were. A second root
 * is no loss: whoever wrote it knew of no parent.
 */
function isExplained(
  { missing, roots, spans }: Verdict,
  { lossy = [], lossyUntil = Number.POSITIVE_INFINITY }: JudgingRules,
): boolean {
  const began = Math.min(...spans.map(({ start_us: us }) => us / 1000));
  if (roots > 1 || (spans.length > 0 && began > lossyUntil)) return false;
  return lossy.length > 0 && missing.every((hop) => lossy.includes(writerOf(hop)));
}

function lackOf(traceId: string, { missing, orphans, roots }: Verdict): string {
  return `${traceId} lacks ${missing.join(', ') || `the parents of ${orphans} spans, or has ${roots} roots`}`;
}

/** Reads the traces, several at a time; one that cannot be read is `undefined`. */
async function readAll(
  control: Pick<ControlClient, 'trace'>,
  traceIds: readonly string[],
  hear: (traceId: string, verdict: Verdict | undefined) => void,
): Promise<void> {
  const waiting = [...traceIds];
  const reader = async () => {
    for (let traceId = waiting.pop(); traceId !== undefined; traceId = waiting.pop()) {
      hear(traceId, await control.trace(traceId).catch(() => undefined));
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
}

const orders = serviceNamed('orders');

/** Requests that are looked at, at most. */
const mostLookedAt = 100;

/**
 * Which of those requests the app was given more than once, by their traces: about a hundred, evenly spread. One that cannot be read
 * is passed by.
 */
export async function seenTwice(
  control: Pick<ControlClient, 'trace'>,
  traceIds: readonly string[],
): Promise<string[]> {
  const step = Math.ceil(traceIds.length / mostLookedAt);
  const found: string[] = [];
  await readAll(
    control,
    traceIds.filter((id, index) => id !== '' && index % step === 0),
    (traceId, verdict) => {
      const served = verdict?.spans.filter(
        ({ service, kind, name }) =>
          service === orders.name && kind === 'server' && name === `POST ${orders.route}`,
      );
      if ((served?.length ?? 0) > 1) found.push(traceId);
    },
  );
  return found.sort();
}
