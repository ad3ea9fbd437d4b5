/** The dead letters around a run: those that were there stay, those that came in it are removed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';

/** Time the consumers of a mesh that has just been started may take to declare their queues, milliseconds. */
const declaredLimitMs = 30_000;

/** Pause between two attempts to read them, milliseconds. */
const pauseMs = 250;

/** How many dead letters have each id: messages without one get it from their content, so that copies share it. */
export type Letters = ReadonlyMap<string, number>;

/** What is asked of the control service. */
type Reader = Pick<ControlClient, 'deadLetters'>;

async function lettersNow(control: Reader): Promise<Letters> {
  return counted((await control.deadLetters()).map(({ id }) => id));
}

/** How often each id is among those. */
export function counted(ids: readonly string[]): Letters {
  return new Map([...Map.groupBy(ids, (id) => id)].map(([id, all]) => [id, all.length]));
}

/** What is left of them when as many of each id are taken away as `taken` says. */
export function leftOver<T>(all: readonly T[], idOf: (one: T) => string, taken: Letters): T[] {
  const open = new Map(taken);
  return all.filter((one) => {
    const left = open.get(idOf(one)) ?? 0;
    open.set(idOf(one), left - 1);
    return left <= 0;
  });
}

/** How many there are. */
export function lettersIn(letters: Letters): number {
  return [...letters.values()].reduce((sum, count) => sum + count, 0);
}

/**
 * Those that are there before a run. A mesh that has just been started has its queues once its consumers are connected: until
 * then they are asked for again, with `onWait` called once. Throws why they cannot be read when that stays so, or the signal
 * is aborted.
 */
export async function lettersBefore(
  control: Reader,
  signal: AbortSignal,
  onWait: (reason: unknown) => void,
  limitMs: number = declaredLimitMs,
): Promise<Letters> {
  const end = performance.now() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await lettersNow(control);
    } catch (error) {
      if (signal.aborted || performance.now() > end) throw error;
      if (attempt === 1) onWait(error);
      await delay(pauseMs);
    }
  }
}

/** Messages that a fault has made and that may become dead letters after it. */
export interface Undecided {
  /** How many were sent without an answer: the broker may have taken them all the same. */
  readonly unconfirmed: number;
  /** Ids of those that had not become dead letters when the fault was over, or that could not be removed again. */
  readonly late: readonly string[];
}

/** Which dead letters that came since a fault has made. */
export interface Explained {
  /** All of them. */
  readonly letters: number;
  /** Those of {@link Undecided.late}. */
  readonly late: number;
}

/**
 * How many of those that came since are of messages that a fault has made. One that was sent without an answer has no id that is
 * known: it names no order, as no message that a fault makes does.
 */
export async function lettersExplained(
  before: Letters,
  { unconfirmed, late }: Undecided,
  control: Reader,
): Promise<Explained> {
  if (unconfirmed === 0 && late.length === 0) return { letters: 0, late: 0 };
  const came = leftOver(await control.deadLetters(), ({ id }) => id, before);
  const others = leftOver(came, ({ id }) => id, counted(late));
  const cameLate = came.length - others.length;
  const nameless = others.filter(({ order_id: order }) => order === null);
  return { letters: cameLate + Math.min(unconfirmed, nameless.length), late: cameLate };
}

/** Removes those that came since; the order of each ends, served or rejected. */
export async function dropLetters(
  before: Letters,
  control: Reader & Pick<ControlClient, 'drop'>,
): Promise<void> {
  const came = [...(await lettersNow(control)).keys()].filter((id) => !before.has(id));
  if (came.length > 0) await control.drop(came, 'left by an experiment');
}
