/** What an experiment is: a claim about the mesh under load and a fault, that can come out false. */
import type { CallEdge, FaultRequest, PolicyChange } from '@microshop/topology';

/** Stretches of an experiment, one after the other, under the same load: without fault, with it, and after it. */
export const phaseNames = ['steady', 'fault', 'heal'] as const;

/** One of {@link phaseNames}. */
export type PhaseName = (typeof phaseNames)[number];

/** Length of each phase, seconds. */
export type PhaseSeconds = Readonly<Record<PhaseName, number>>;

/**
 * A failure on purpose; each is a kind of `./mesh fault`, so that a person can set it by hand. It ends without the command,
 * too: the control service ends a fault of calls, the runner a pause, and it starts a killed part again.
 */
export type Fault =
  | ({ readonly kind: 'calls' } & Omit<FaultRequest, 'for_ms'>)
  | { readonly kind: 'kill'; readonly part: string }
  | { readonly kind: 'pause'; readonly part: string };

/** Figures of a phase. Shares are from 0 to 1, times in milliseconds. */
export const phaseFigures = [
  /** Share of the buyers who got their order, repeats with the same key included: the effective success. */
  'success',
  'p50_ms',
  'p95_ms',
  'p99_ms',
  /** Attempts at the services that orders calls, per buyer. */
  'attempts_per_order',
  /** Attempts per call, of the layer with the most. */
  'amplification',
] as const;

/** Figures of the whole run. */
export const runFigures = [
  /** Time from the end of the fault to the last request that failed, seconds. */
  'recovery_s',
  /** Orders that were acknowledged. */
  'accepted',
  /** Messages in the dead-letter queues at the end. */
  'dead_letters',
] as const;

/** Name of a figure in a limit and in the report. */
export type FigureName = `${PhaseName}.${(typeof phaseFigures)[number]}` | (typeof runFigures)[number];

/** What a figure has to be. */
export interface Limit {
  readonly figure: FigureName;
  readonly least?: number;
  readonly most?: number;
}

/** A policy in effect during the run, in place of the topology's. */
export interface PolicyInEffect {
  readonly edge: CallEdge;
  readonly change: PolicyChange;
}

/** How buyers come. */
export interface Load {
  /** Buyers per second; each wants one order. */
  readonly rate: number;
  /** How often a buyer sends an order again with its key whose answer leaves open what became of it. */
  readonly repeats?: number;
}

/** What is changed so that the experiment must come out FAIL: a guard against limits that always hold. */
export interface Mutant {
  /** What is taken away, as a person reads it. */
  readonly without: string;
  /** True where there is nothing to take away: a limit is made one that cannot hold. */
  readonly sabotaged?: true;
  readonly policies?: readonly PolicyInEffect[];
  readonly load?: Load;
  readonly limits?: readonly Limit[];
}

/** The mutant of an experiment without a protection that could be taken away. */
export const sabotagedMutant: Mutant = {
  without: 'a limit that can hold: 95 of 100 orders answered within 1 ms',
  sabotaged: true,
  limits: [{ figure: 'fault.p95_ms', most: 1 }],
};

/** An experiment. */
export interface Experiment {
  readonly name: string;
  /** The claim, a sentence. */
  readonly hypothesis: string;
  readonly load: Load;
  readonly seconds: PhaseSeconds;
  readonly fault: Fault;
  readonly policies?: readonly PolicyInEffect[];
  readonly limits: readonly Limit[];
  /** Codes of failure that the fault explains (I7); any other one from the fault on breaks the claim. */
  readonly codes: readonly string[];
  /** Whether traces can be whole (I8): not where a process dies or hangs that has spans to send. */
  readonly traces: 'whole' | 'unprovable';
  readonly mutant: Mutant;
}

/** Lengths of the short form, seconds. */
export const shortPhases: PhaseSeconds = { steady: 10, fault: 10, heal: 15 };

/** The experiment with its protection taken away, or its limit sabotaged. */
export function mutantOf(experiment: Experiment): Experiment {
  const { mutant } = experiment;
  return {
    ...experiment,
    name: `${experiment.name}.mutant`,
    load: mutant.load ?? experiment.load,
    policies: [...(experiment.policies ?? []), ...(mutant.policies ?? [])],
    limits: mutant.limits ?? experiment.limits,
  };
}

/** The fault as a person sets it by hand: `./mesh fault …`. */
export function faultCommand(fault: Fault): string {
  if (fault.kind !== 'calls') return `./mesh fault process ${fault.part} --${fault.kind}`;
  const { service, abort, delay_ms: delay, replace_answer: replaced, percent, from } = fault;
  return [
    `./mesh fault set ${service}`,
    abort === undefined ? '' : `--abort ${abort}`,
    delay === undefined ? '' : `--delay ${delay}ms`,
    replaced === undefined ? '' : `--replace-answer ${replaced}`,
    percent === undefined ? '' : `--percent ${percent}`,
    from === undefined ? '' : `--from ${from}`,
  ]
    .filter((word) => word !== '')
    .join(' ');
}
