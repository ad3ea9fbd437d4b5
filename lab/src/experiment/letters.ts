/** The dead letters around a run: those that were there stay, those that came in it are removed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';

/** Time the consumers of a mesh that has just been started may take to declare their queues, milliseconds. */
const declaredLimitMs = 30_000;

/** Pause between two attempts to read them, milliseconds. */
const pauseMs = 250;

/** Dead letters, by id. */
export type Letters = ReadonlySet<string>;

/** What is asked of the control service. */
type Reader = Pick<ControlClient, 'deadLetters'>;

async function lettersNow(control: Reader): Promise<Letters> {
  return new Set((await control.deadLetters()).map(({ id }) => id));
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

/**
 * How many of those that came since may be of so many messages which a fault has sent without an answer: the broker may have taken
 * them all the same. They name no order, as no message that a fault makes does.
 */
export async function lettersExplained(
  before: Letters,
  unconfirmed: number,
  control: Reader,
): Promise<number> {
  if (unconfirmed === 0) return 0;
  const came = (await control.deadLetters()).filter(
    ({ id, order_id: order }) => order === null && !before.has(id),
  );
  return Math.min(unconfirmed, came.length);
}

/** Removes those that came since; the order of each ends, served or rejected. */
export async function dropLetters(
  before: Letters,
  control: Reader & Pick<ControlClient, 'drop'>,
): Promise<void> {
  const came = [...(await lettersNow(control))].filter((id) => !before.has(id));
  if (came.length > 0) await control.drop(came, 'left by an experiment');
}
