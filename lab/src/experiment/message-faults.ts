/** Messages made on purpose while a fault lasts: poison, and duplicates of events. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { messageOf } from '@microshop/program-kit/errors';
import { wholeLines } from './answers.ts';
import type { Fault } from './definition.ts';
import type { Witness } from './facts.ts';
import { counted, leftOver } from './letters.ts';
import type { SetFault } from './set-fault.ts';

/** Time that a consumer has to put poison aside, milliseconds. */
const asideLimitMs = 15_000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 250;

/** Does the work again and again until it is ended; its end resolves with the last failure, if any. */
function again(work: (signal: AbortSignal) => Promise<void>): () => Promise<string | undefined> {
  const ending = new AbortController();
  const { signal } = ending;
  const running = (async () => {
    while (!signal.aborted) await work(signal);
    return undefined;
  })().catch((error: unknown) => (signal.aborted ? undefined : messageOf(error)));
  return async () => {
    ending.abort();
    return await running;
  };
}

/**
 * Sends a message that no consumer can handle, again and again. Its end removes the dead letters that came of them, and names those
 * that are still to come.
 */
export function poison(
  control: Pick<ControlClient, 'makeMessage' | 'deadLetters' | 'drop'>,
  { poison: kind, to, every_ms: everyMs }: Fault & { readonly kind: 'poison' },
  limitMs = asideLimitMs,
): SetFault {
  const letters: string[] = [];
  const end = again(async (signal) => {
    const { letter_id: letter } = await control.makeMessage({ kind: 'poison', poison: kind, to });
    if (letter !== null) letters.push(letter);
    await delay(everyMs, undefined, { signal });
  });
  return {
    async heal() {
      const failure = await end();
      const limit = performance.now() + limitMs;
      let late = letters;
      for (;;) {
        // another fault may have made the broker unavailable: it is asked again
        const lying = await control.deadLetters().catch(() => undefined);
        if (lying !== undefined) late = leftOver(letters, (id) => id, counted(lying.map(({ id }) => id)));
        if (late.length === 0 || performance.now() > limit) break;
        await delay(pollEveryMs);
      }
      const aside = letters.length - late.length;
      const dropped =
        aside === 0 ||
        (await control.drop([...new Set(letters)], 'made by an experiment').then(
          () => true,
          () => false,
        ));
      return { ...poisonWitness(letters.length, aside, failure), messages_late: dropped ? late : letters };
    },
  };
}

/** What was seen of poison: how many messages were sent, and how many of them became dead letters. The one that failed may be on its way. */
export function poisonWitness(sent: number, aside: number, failure: string | undefined): Witness {
  const failed = failure === undefined ? '' : `; then none could be sent: ${failure}`;
  return {
    landed: sent > 0 && failure === undefined,
    messages_left: sent - aside,
    messages_unconfirmed: failure === undefined ? 0 : 1,
    saw: `${sent} messages were sent, ${aside} of them became dead letters${failed}`,
  };
}

/** Pause between two polls of what was ordered, milliseconds. */
const lookEveryMs = 100;

/** Delivers the event of each order that is placed from now on so many times more; `ledger` is the file of what was placed. */
export function duplicates(control: ControlClient, times: number, ledger: string): SetFault {
  const began = Date.now();
  const repeated = new Set<number>();
  let sent = 0;
  const end = again(async (signal) => {
    for (const id of ordersSince(await readFile(ledger, 'utf8'), began)) {
      if (repeated.has(id)) continue;
      signal.throwIfAborted();
      repeated.add(id);
      for (let time = 0; time < times; time += 1) {
        await control.makeMessage({ kind: 'duplicate', order_id: id });
        sent += 1;
      }
    }
    await delay(lookEveryMs, undefined, { signal });
  });
  return {
    async heal() {
      const failure = await end();
      const failed = failure === undefined ? '' : `; then none could be sent: ${failure}`;
      return {
        landed: sent > 0 && failure === undefined,
        saw: `${sent} duplicates of the events of ${repeated.size} orders were delivered${failed}`,
      };
    },
  };
}

/** The orders that were placed from that time on (milliseconds since the epoch), by the lines of a ledger. */
export function ordersSince(ledger: string, began: number): number[] {
  return wholeLines(ledger)
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== 'object' || entry === null) return [];
      const { order_id: id, t } = { order_id: undefined, t: undefined, ...entry };
      return typeof id === 'number' && typeof t === 'number' && t >= began ? [id] : [];
    });
}
