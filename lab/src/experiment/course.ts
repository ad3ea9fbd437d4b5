/** The course of a run: the load with its phases, and the fault among them. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runScenario } from '@microshop/cli/load/scenario';
import { CommandFailed } from '@microshop/cli/output/errors';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { messageOf } from '@microshop/program-kit/errors';
import type { EditedPlace } from '../mutants/restarted.ts';
import type { Timeline } from './answers.ts';
import { clockStep, type Moment, momentNow } from './clock.ts';
import type { Experiment } from './definition.ts';
import type { BreakerChange, Witness } from './facts.ts';
import { noFault, setFault } from './faults.ts';
import { type Counts, readCounts } from './layers.ts';
import { firstLine, ledgerFile } from './load-left.ts';
import { loadScenario, loadSettings } from './load-settings.ts';
import type { SpeedHands } from './machine-speed.ts';
import type { Hands } from './part-faults.ts';
import { servedAgain } from './served-again.ts';
import type { SetFault } from './set-fault.ts';

/** Time before the first phase, seconds: compiled code, filled pools, a warm cache. */
const warmUpSeconds = 3;

/**
 * Time from the end of the phase before the fault to the fault, seconds. A healthy mesh has answered by then who came in that phase
 * (its p95 is below 0.9 s); without the pause the fault would meet calls of a phase that is to have none.
 */
const answeredSeconds = 1;

/** Time that the load could last over its phases, seconds: it is ended with the last one, however long faults take. */
const spareSeconds = 300;

/** Pause between two polls of the breakers: Prometheus has news of them every few seconds, milliseconds. */
const breakersEveryMs = 1000;

/** Where a run takes place and with what. */
export interface Laboratory extends Hands, EditedPlace {
  readonly addresses: MeshAddresses;
  /** Path of k6. */
  readonly k6: string;
  /** Names of the parts that are not healthy now. */
  unwell(): Promise<readonly string[]>;
  /** With what the machine's speed is measured. */
  readonly speed: SpeedHands;
  /** Directory that gets a folder for each run. */
  readonly reports: string;
  /** False: everything takes place but the fault. */
  readonly applyFault: boolean;
  /** Aborted when the run is to end early; it still heals, settles and audits. */
  readonly interrupted: AbortSignal;
  /** Hears what goes on. */
  onProgress(text: string): void;
}

/** What of an experiment its course needs. */
export type CoursePlan = Pick<Experiment, 'name' | 'load' | 'seconds' | 'fault' | 'throughout' | 'schedule'>;

/** What happened while the load went on. */
export interface Course {
  /** Why it ended before its time; `null` when it did not. */
  readonly interrupted: string | null;
  readonly timeline: Timeline;
  /** When the load was ended, milliseconds since the epoch: before the faults were, where the run ended early. */
  readonly load_ended: number;
  /** By how much the clock of the machine was set between the begin of the first phase and the end of the last, milliseconds. */
  readonly clock_step_ms: number;
  readonly witness: Witness;
  /** Counters at the beginning and the end of each phase. */
  readonly counts: Readonly<Record<keyof Timeline, readonly [Counts, Counts]>>;
  readonly breakers: readonly BreakerChange[];
}

/**
 * Runs load, phases and fault; leaves ledger and summary of k6 in `directory`. Never throws once the load has begun; before
 * that when what holds throughout cannot be set.
 */
export async function runCourse(experiment: CoursePlan, lab: Laboratory, directory: string): Promise<Course> {
  const { seconds, throughout } = experiment;
  const ledger = path.join(directory, ledgerFile);
  const longestMs = 1000 * (warmUpSeconds + seconds.steady + seconds.fault + seconds.heal + spareSeconds);
  const standing =
    throughout === undefined
      ? undefined
      : await setFault(throughout, longestMs, { ...lab, directory, ledger });
  const ending = new AbortController();
  const stop = AbortSignal.any([lab.interrupted, ending.signal]);
  const breakers = watchBreakers(lab, ending.signal);
  const load = startLoad(experiment, lab, directory, stop);
  const over = load.then(() => {
    throw new CommandFailed('k6 ended too early');
  });
  // whoever awaits it gets the error; it must not end the process when nobody does
  over.catch(() => undefined);
  const pause = async (s: number) => await Promise.race([delay(s * 1000, undefined, { signal: stop }), over]);
  const marks: (Moment & { readonly counts: Counts })[] = [];
  const mark = async () => {
    marks.push({ ...momentNow(), counts: await readCounts(lab.placement) });
  };
  const say = (text: string) => lab.onProgress(`${experiment.name}: ${text}`);
  let interrupted: string | null = null;
  let loadEnded: number | undefined;
  let fault: SetFault | undefined;
  let witness: Witness = { landed: false, saw: 'the run ended before it' };
  try {
    await Promise.race([firstLine(ledger, stop), over]);
    await pause(warmUpSeconds);
    say(`steady for ${seconds.steady} s`);
    await mark();
    await pause(seconds.steady);
    await mark();
    await pause(answeredSeconds);
    say(`fault for ${seconds.fault} s`);
    fault = lab.applyFault
      ? await setFault(experiment.fault, seconds.fault * 1000, { ...lab, directory, ledger })
      : noFault;
    await mark();
    await pause(seconds.fault);
    await Promise.race([fault.course, over]);
    await mark();
    witness = await fault.heal();
    fault = undefined;
    say(`healed for ${seconds.heal} s`);
    await mark();
    const healed = pause(seconds.heal);
    await (experiment.schedule === undefined
      ? healed
      : Promise.race([healed, servedAgain(ledger, experiment.load.rate, stop)]));
    await mark();
    ending.abort();
    await load;
  } catch (error) {
    loadEnded = Date.now();
    interrupted = lab.interrupted.aborted ? 'it was interrupted' : messageOf(error);
    say(`ends early: ${interrupted}`);
    if (fault !== undefined) witness = await fault.heal().catch(() => witness);
    ending.abort();
    await load.catch(() => undefined);
  }
  ending.abort();
  if (standing !== undefined) {
    const stood = await standing.heal().catch((error: unknown) => ({ landed: false, saw: messageOf(error) }));
    witness = {
      ...witness,
      landed: witness.landed && stood.landed,
      saw: `${witness.saw}; throughout: ${stood.saw}`,
    };
  }
  const last = { at: Date.now(), counts: marks.at(-1)?.counts ?? {} };
  const markAt = (index: number) => marks[index] ?? last;
  const spanFrom = (index: number) => ({ from: markAt(index).at, to: markAt(index + 1).at });
  const countsFrom = (index: number) => [markAt(index).counts, markAt(index + 1).counts] as const;
  const heal = spanFrom(4);
  return {
    interrupted,
    timeline: { steady: spanFrom(0), fault: spanFrom(2), heal },
    load_ended: loadEnded ?? heal.to,
    clock_step_ms: clockStep(marks),
    witness,
    counts: { steady: countsFrom(0), fault: countsFrom(2), heal: countsFrom(4) },
    breakers: await breakers,
  };
}

/** Resolves with k6's end, whatever its own verdict: its limits are not those of an experiment. */
async function startLoad(
  { load, seconds }: CoursePlan,
  lab: Laboratory,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const phases = seconds.steady + seconds.fault + seconds.heal;
  await runScenario({
    scenario: loadScenario,
    rate: load.rate,
    seconds: warmUpSeconds + phases + spareSeconds,
    k6: lab.k6,
    addresses: lab.addresses,
    reports: directory,
    summary: 'ignore',
    progress: 'ignore',
    signal,
    settings: {
      ...loadSettings(load),
      // VUS=1 starves k6 on purpose
      ...(process.env['VUS'] === undefined ? {} : { VUS: process.env['VUS'] }),
    },
  });
}

/** States of the breakers as they change, until `signal`. */
async function watchBreakers({ control }: Hands, signal: AbortSignal): Promise<BreakerChange[]> {
  const changes: BreakerChange[] = [];
  const states = new Map<string, string>();
  while (!signal.aborted) {
    // without an answer nothing is reported: the timeline is for the reader, and no verdict depends on it
    const breakers = await control.breakers().catch(() => []);
    for (const { part, callee, state, age_s: age } of breakers) {
      const breaker = `${part} → ${callee}`;
      if (states.get(breaker) === state) continue;
      states.set(breaker, state);
      changes.push({ t: Math.round(Date.now() - age * 1000), breaker, state });
    }
    await delay(breakersEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return changes;
}
