/** What the load of a run left: its ledger and its summary. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { summaryOf } from '@microshop/cli/load/scenario';
import { type Answer, readAnswers, withoutCutOff } from './answers.ts';
import type { PhaseName } from './definition.ts';

/** Buyers came at this share of the rate at least, or the load was not the one that was asked for. */
const leastRate = 0.9;

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
