/** Whether the shop serves every buyer again, by the ledger of the load while it is written. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, readAnswers } from './answers.ts';

/** Pause between two readings, milliseconds. */
const readEveryMs = 500;

/** It is watched for so long at least, milliseconds: a breaker that is still closed may be about to open. */
const leastMs = 4000;

/** The stretch in which all must be served, before now, milliseconds: those who came later may not be answered yet. */
const stretchMs = { from: 3000, to: 1000 } as const;

/** This share of the buyers of that stretch must have left a line. */
const leastCame = 0.9;

/** Resolves when it does. Rejects when `signal` is aborted. */
export async function servedAgain(ledger: string, rate: number, signal: AbortSignal): Promise<void> {
  const began = Date.now();
  for (;;) {
    await delay(readEveryMs, undefined, { signal });
    const now = Date.now();
    if (now - began < leastMs) continue;
    if (areServed(readAnswers(await readFile(ledger, 'utf8')), rate, now)) return;
  }
}

/** Whether of so many buyers per second all who came shortly before `now` (milliseconds since the epoch) got their order at once. */
export function areServed(
  answers: readonly Pick<Answer, 'status' | 't'>[],
  rate: number,
  now: number,
): boolean {
  const late = answers.filter(({ t }) => t >= now - stretchMs.from);
  if (late.some(({ status }) => status !== 201)) return false;
  const seconds = (stretchMs.from - stretchMs.to) / 1000;
  return late.filter(({ t }) => t < now - stretchMs.to).length >= leastCame * rate * seconds;
}
