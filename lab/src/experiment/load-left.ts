/** What the load of a run left: its ledger and its summary. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { summaryOf } from '@microshop/cli/load/scenario';
import { CommandFailed } from '@microshop/cli/output/errors';
import { type Answer, readAnswers, withoutCutOff } from './answers.ts';
import type { PhaseName } from './definition.ts';

/** Buyers came at this share of the rate at least, or the load was not the one that was asked for. */
const leastRate = 0.9;

/** Time k6 may take to send its first order, milliseconds. */
const beginLimitMs = 60_000;

/** Pause between two polls for it, milliseconds. */
const pollEveryMs = 50;

/** Waits until the ledger has its first line. Throws `CommandFailed` when there is none in time. */
export async function firstLine(ledger: string, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + beginLimitMs;
  while (!existsSync(ledger) || (await readFile(ledger, 'utf8')) === '') {
    if (performance.now() > end) throw new CommandFailed('k6 sent no order');
    await delay(pollEveryMs, undefined, { signal });
  }
}

/** What k6 wrote. */
export interface LoadLeft {
  /** The ledger's text; empty when there is none. */
  readonly ledger: string;
  /** Its answers, without what the end of the load cut off. */
  readonly answers: readonly Answer[];
  /** Iterations that k6 could not start in time; `null` without a summary. */
  readonly dropped: number | null;
}

/** Reads it from the directory of the run; the load was ended at that time, milliseconds since the epoch. */
export async function readLoadLeft(directory: string, endedAt: number): Promise<LoadLeft> {
  const file = path.join(directory, 'ledger.jsonl');
  const ledger = existsSync(file) ? await readFile(file, 'utf8') : '';
  const summary = await summaryOf(directory).catch((): Record<string, unknown> => ({}));
  const dropped = summary['dropped_iterations'];
  return {
    ledger,
    answers: withoutCutOff(readAnswers(ledger), endedAt),
    dropped: typeof dropped === 'number' ? dropped : null,
  };
}

/** Says so when fewer buyers came in a phase than the rate asks for, both per second. */
export function tooFewBuyers(phase: PhaseName, came: number, rate: number): string[] {
  if (came >= leastRate * rate) return [];
  return [`${came.toFixed(1)} buyers per second came in phase ${phase}, not ${rate}`];
}
