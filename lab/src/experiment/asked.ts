/** The experiments as they were asked for on the command line. */
import { UsageError } from '@microshop/cli/output/errors';
import { durationText, wholeNumber, wholeSeconds } from '@microshop/cli/output/values';
import { longestFaultMs, timedFaultNames } from '@microshop/program-kit/process-faults';
import { seedOf } from '../seed.ts';
import { type Experiment, type Fault, mutantOf, phaseNames } from './definition.ts';
import { drawn, type SeriesPlan, withLengths } from './series/plan.ts';

/** Options of `./mesh experiment run`. */
export interface RunOptions {
  readonly all?: boolean;
  readonly continue?: boolean;
  readonly mutant?: boolean;
  readonly withoutFault?: boolean;
  readonly mutants?: string;
  readonly seed?: string;
  readonly repeat?: string;
  readonly full?: boolean;
  readonly steady?: string;
  readonly fault?: string;
  readonly heal?: string;
  readonly json?: boolean;
  /** Of a schedule: the name of a bug that is put in. */
  readonly planted?: string;
}

/** What a command line asks for. */
export type Asked =
  | { readonly kind: 'one'; readonly experiment: Experiment; readonly withFault: boolean }
  | { readonly kind: 'series'; readonly plan: SeriesPlan }
  /** What is left of the last series. */
  | { readonly kind: 'rest' };

/** Mutants of a series of everything, when no number is given. */
const usualMutants = 6;

/** Rounds of a series at most: a day of the longest list. */
const mostRounds = 50;

/** Options that only one run takes, and those that only a series does. */
const ofOne = ['mutant', 'withoutFault'] as const;
const ofSeries = ['mutants', 'seed', 'repeat'] as const;

const flags = {
  mutant: '--mutant',
  withoutFault: '--without-fault',
  steady: '--steady',
  fault: '--fault',
  heal: '--heal',
  mutants: '--mutants',
  seed: '--seed',
  repeat: '--repeat',
  full: '--full',
  all: '--all',
} as const satisfies Partial<Record<keyof RunOptions, string>>;

/**
 * Reads what was asked for. Everything is what can run here, and only mutants that can run here are drawn; what was named is
 * taken as it is. Throws `UsageError`.
 */
export function askedFor(
  names: readonly string[],
  options: RunOptions,
  experiments: readonly Experiment[],
  runs: (experiment: Experiment) => boolean = () => true,
): Asked {
  const given = (of: readonly (keyof typeof flags)[]) => of.filter((name) => options[name] !== undefined);
  if (options.continue === true) {
    const [other] = given([...ofOne, ...ofSeries, ...phaseNames, 'full', 'all']);
    if (names.length > 0 || other !== undefined) {
      throw new UsageError('--continue uses the plan of the last series: leave out the rest');
    }
    return { kind: 'rest' };
  }
  if (options.all === true && names.length > 0) {
    throw new UsageError('--all runs every experiment; leave out the names');
  }
  if (options.all !== true && names.length === 0) {
    throw new UsageError('Name an experiment, or type --all; ./mesh experiment list shows them');
  }
  const picked =
    options.all === true ? experiments.filter(runs) : names.map((name) => named(name, experiments));
  const [only] = picked;
  if (picked.length === 1 && only !== undefined && options.all !== true && given(ofSeries).length === 0) {
    return {
      kind: 'one',
      experiment: withLengths(options.mutant === true ? mutantOf(only) : only, lengthsOf(options, picked)),
      withFault: options.withoutFault !== true,
    };
  }
  const [single] = given(ofOne);
  if (single !== undefined) throw new UsageError(`${flags[single]} is for one run of one experiment`);
  return { kind: 'series', plan: planOf(picked, options, runs) };
}

function named(name: string, experiments: readonly Experiment[]): Experiment {
  const found = experiments.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no experiment "${name}"; the experiments are ${experiments.map((one) => one.name).join(', ')}; a schedule is a file whose name ends with .json`,
  );
}

function planOf(
  picked: readonly Experiment[],
  options: RunOptions,
  runs: (experiment: Experiment) => boolean,
): SeriesPlan {
  const namesOf = (some: readonly Experiment[]) => [...new Set(some.map(({ name }) => name))];
  const names = namesOf(picked);
  const withMutant = namesOf(picked.filter((one) => runs(mutantOf(one))));
  const usual = options.all === true ? Math.min(usualMutants, withMutant.length) : 0;
  const count =
    options.mutants === undefined ? usual : wholeNumber('--mutants', options.mutants, 0, withMutant.length);
  const seed = seedOf(options.seed);
  return {
    names,
    mutants: drawn(withMutant, count, seed),
    seed,
    repeat: options.repeat === undefined ? 1 : wholeNumber('--repeat', options.repeat, 1, mostRounds),
    ...lengthsOf(options, picked),
  };
}

/** Whether the runner or the control service ends it after {@link longestFaultMs} at the latest. */
function endsByItself(fault: Fault): boolean {
  if (fault.kind === 'together' || fault.kind === 'timeline') return fault.faults.some(endsByItself);
  if (fault.kind === 'kill') return fault.holding !== undefined;
  return fault.kind === 'certificates' || timedFaultNames.some((name) => name === fault.kind);
}

/** How long the phases are to be. Throws `UsageError`, also for a fault that is longer than the mesh keeps one of these up. */
function lengthsOf(options: RunOptions, picked: readonly Experiment[]): Pick<SeriesPlan, 'full' | 'lengths'> {
  const typed = phaseNames.flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[name, wholeSeconds(`--${name}`, text)] as const];
  });
  const [, seconds = 0] = typed.find(([name]) => name === 'fault') ?? [];
  const bounded = picked.find(({ fault }) => endsByItself(fault));
  if (bounded !== undefined && 1000 * seconds > longestFaultMs) {
    throw new UsageError(
      `--fault must be at most ${durationText(longestFaultMs)} for ${bounded.name}, not "${options.fault}"`,
    );
  }
  return { full: options.full === true, lengths: Object.fromEntries(typed) };
}
