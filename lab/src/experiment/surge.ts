/** Further buyers for a while, from a k6 of their own beside the usual load. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runScenario } from '@microshop/cli/load/scenario';
import { type Answer, linesOfAll, readAnswers, withoutCutOff } from './answers.ts';
import type { Load } from './definition.ts';
import type { Witness } from './facts.ts';
import { begun, furtherLoads, ledgerFile } from './load-left.ts';
import { loadScenario, loadSettings } from './load-settings.ts';
import type { SaleHands } from './sale.ts';
import type { SetFault } from './set-fault.ts';

/** It could last so much longer than its time, seconds: it is ended with its phase, which is a little longer than planned. */
const spareSeconds = 60;

/** This share of the buyers must have come, or it was another surge. */
const leastCame = 0.9;

/** The ledger of these buyers, in a folder of their own. */
const ledgerIn = (directory: string) => path.join(directory, furtherLoads.surge, ledgerFile);

/** Starts it; returns when the first of them has come. Its end cuts off what is under way: these buyers do not repeat. */
export async function surge(
  load: Load,
  ms: number,
  { addresses, k6, directory }: SaleHands,
): Promise<SetFault> {
  const ledger = ledgerIn(directory);
  const ending = new AbortController();
  const run = runScenario({
    scenario: loadScenario,
    rate: load.rate,
    seconds: Math.ceil(ms / 1000) + spareSeconds,
    k6,
    addresses,
    reports: path.dirname(ledger),
    summary: 'ignore',
    progress: 'ignore',
    settings: loadSettings(load),
    signal: ending.signal,
  });
  // whoever ends the fault gets the error
  run.catch(() => undefined);
  await begun(run, ledger, ending);
  return {
    async heal() {
      const endedAt = Date.now();
      ending.abort();
      await run;
      return surgeWitness(readAnswers(await readFile(ledger, 'utf8')), load.rate, endedAt);
    },
  };
}

/** What its buyers were answered; in the directory of the run. */
export async function surgeAnswers(directory: string, endedAt: number): Promise<Answer[]> {
  return judgedAnswers(readAnswers(await readFile(ledgerIn(directory), 'utf8')), endedAt);
}

/**
 * The answers, in order of sending, of the buyers who came until all of them could be answered before the end: of those who
 * came later only the ones who were served at once have left a line.
 */
export function judgedAnswers(answers: readonly Answer[], endedAt: number): Answer[] {
  const { to } = linesOfAll({ from: answers[0]?.t ?? endedAt, to: endedAt });
  const late = new Set<string>();
  const early = new Set<string>();
  for (const { key, t } of answers) if (!early.has(key)) (t < to ? early : late).add(key);
  return withoutCutOff(answers, endedAt).filter(({ key }) => !late.has(key));
}

/** What was seen of a surge of that rate that was ended then, milliseconds since the epoch; its answers are in order of sending. */
export function surgeWitness(
  answers: readonly Pick<Answer, 'key' | 't'>[],
  rate: number,
  endedAt: number,
): Witness {
  const { from, to } = linesOfAll({ from: answers[0]?.t ?? endedAt, to: endedAt });
  const came = new Set(answers.filter(({ t }) => t < to).map(({ key }) => key)).size;
  const seconds = (to - from) / 1000;
  return {
    landed: came > 0 && came >= leastCame * rate * seconds,
    saw: `${came} further buyers came in ${seconds.toFixed(1)} s; ${answers.length} of their requests were answered`,
  };
}
