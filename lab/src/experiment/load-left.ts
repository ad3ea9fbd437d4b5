/** What the load of a run left: its ledger and its summary. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { summaryOf } from '@microshop/cli/load/scenario';
import { CommandFailed } from '@microshop/cli/output/errors';
import { type Answer, type PhaseAnswers, readAnswers, wholeLines, withoutCutOff } from './answers.ts';
import type { PhaseName } from './definition.ts';

/** Buyers came at this share of the rate at least, or the load was not the one that was asked for. */
const leastRate = 0.9;

/** Time k6 may take to send its first order, milliseconds. */
const beginLimitMs = 60_000;

/** Pause between two polls for it, milliseconds. */
const pollEveryMs = 50;

/** Loads beside the usual one, which some faults are: each has a folder of that name in the directory of the run, with a ledger. */
export const furtherLoads = { sale: 'sale', surge: 'surge' } as const;

/** The file in the folder of a load. */
export const ledgerFile = 'ledger.jsonl';

/** The whole lines of the ledgers that {@link furtherLoads} have left in the directory of a run, by load. */
export async function furtherLedgers(directory: string): Promise<Record<keyof typeof furtherLoads, string>> {
  const textOf = async (folder: string) => {
    const file = path.join(directory, folder, ledgerFile);
    return existsSync(file) ? wholeLines(await readFile(file, 'utf8')) : '';
  };
  return { sale: await textOf(furtherLoads.sale), surge: await textOf(furtherLoads.surge) };
}

/** Waits until the ledger has its first line. Throws `CommandFailed` when there is none in time. */
export async function firstLine(ledger: string, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + beginLimitMs;
  while (!existsSync(ledger) || (await readFile(ledger, 'utf8')) === '') {
    if (performance.now() > end) throw new CommandFailed('k6 sent no order');
    await delay(pollEveryMs, undefined, { signal });
  }
}

/**
 * Waits for the first line of a load that has been started. Throws `CommandFailed` when there is none, at once when the load is over;
 * it is ended then.
 */
export async function begun(load: Promise<unknown>, ledger: string, ending: AbortController): Promise<void> {
  const over = load.then(() => {
    throw new CommandFailed('k6 ended before the first buyer came');
  });
  try {
    await Promise.race([firstLine(ledger, ending.signal), over]);
  } catch (error) {
    ending.abort();
    throw error;
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
  const file = path.join(directory, ledgerFile);
  const ledger = existsSync(file) ? await readFile(file, 'utf8') : '';
  const summary = await summaryOf(directory).catch((): Record<string, unknown> => ({}));
  const dropped = summary['dropped_iterations'];
  return {
    ledger,
    answers: withoutCutOff(readAnswers(ledger), endedAt),
    dropped: typeof dropped === 'number' ? dropped : null,
  };
}

/**
 * Says so when fewer buyers came in a phase than the rate asks for, both per second. One buyer more or less says nothing: it may have
 * come just before the phase, or just after it. A phase in which nobody came says nothing of the mesh.
 */
export function tooFewBuyers(
  phase: PhaseName,
  { rate_per_s: came, seconds }: Pick<PhaseAnswers, 'rate_per_s' | 'seconds'>,
  rate: number,
): string[] {
  const one = seconds > 0 ? 1 / seconds : 0;
  if (came > 0 && came + one >= leastRate * rate) return [];
  return [`${came.toFixed(1)} buyers per second came in phase ${phase}, not ${rate}`];
}
