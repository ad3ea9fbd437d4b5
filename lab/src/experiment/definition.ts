/** What an experiment is: a claim about the mesh under load and a fault, that can come out false. */
import { durationText } from '@microshop/cli/output/values';
import type { PoisonKind } from '@microshop/control/messages/schemas';
import type { ImpairmentName } from '@microshop/native/supervision/part';
import {
  type CallEdge,
  type FaultRequest,
  faultFieldList,
  type PolicyChange,
  type Replicas,
  type ServiceName,
} from '@microshop/topology';
import type { EditedCode } from '../mutants/restarted.ts';

/** Stretches of an experiment, one after the other, under the same load: without fault, with it, and after it. */
export const phaseNames = ['steady', 'fault', 'heal'] as const;

/** One of {@link phaseNames}. */
export type PhaseName = (typeof phaseNames)[number];

/** Length of each phase, seconds. */
export type PhaseSeconds = Readonly<Record<PhaseName, number>>;

/**
 * A failure on purpose; each is a kind of `./mesh fault`, so that a person can set it by hand. It ends without the command,
 * too: the control service ends a fault of calls, the runner what it does to a part for a time, and it starts a killed part
 * again.
 */
export type Fault =
  | CallsFault
  | PartFault
  /** Parts ended in order and started again, one after the other. */
  | { readonly kind: 'restarts'; readonly parts: readonly string[] }
  /** A message that no consumer can handle, again and again. */
  | {
      readonly kind: 'poison';
      readonly poison: PoisonKind;
      readonly to: ServiceName;
      readonly every_ms: number;
    }
  /** The event of each order delivered that many times more. */
  | { readonly kind: 'duplicates'; readonly times: number }
  /** Certificates that live so long, seconds, and are renewed at half of that, or not at all. */
  | { readonly kind: 'certificates'; readonly lifetime_s: number; readonly renewed: boolean }
  /** A sale while the usual load goes on: so many buyers per second for one product, of which there are so many units. */
  | { readonly kind: 'sale'; readonly rate: number; readonly seconds: number; readonly units: number }
  /** Further buyers while the usual load goes on, as many per second as it says. */
  | { readonly kind: 'surge'; readonly load: Load }
  | { readonly kind: 'together'; readonly faults: readonly Fault[] }
  /** Each at its time; they may overlap, at different places. */
  | { readonly kind: 'timeline'; readonly faults: readonly TimedFault[] };

/** A fault of a timeline. */
export type TimedFault = TimelineKind & {
  /** Time from the begin of the phase to that of the fault, milliseconds. */
  readonly at_ms: number;
  /** How long it lasts, milliseconds; absent of one that is over at once or has a length of its own. */
  readonly for_ms?: number;
};

/** What a timeline may hold: what is short, and leaves the mesh with the parts and policies that it had. */
type TimelineKind =
  | CallsFault
  | PartFault
  | Extract<Fault, { readonly kind: 'poison' | 'duplicates' | 'sale' }>;

/** What a service's callers meet. */
export type CallsFault = { readonly kind: 'calls' } & Omit<FaultRequest, 'for_ms'>;

/** Something done to one part. */
export type PartFault =
  | {
      readonly kind: 'kill';
      readonly part: string;
      /**
       * Killed only once something hangs in the air: events that are committed and cannot leave, as the broker is down; or
       * commits that PostgreSQL has made and not acknowledged.
       */
      readonly holding?: 'events' | 'commits';
    }
  | { readonly kind: 'pause' | 'down' | ImpairmentName; readonly part: string };

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
  /** Time from the end of the fault to the last request that failed, seconds; the whole phase when none was served after that. */
  'recovery_s',
  /** Orders that were acknowledged. */
  'accepted',
  /** Messages in the dead-letter queues at the end that were not there before. */
  'dead_letters',
  /** Messages that the fault has made and that were neither handled nor put aside; 0 of a fault that makes none. */
  'messages_left',
  /** Units that were sold in a sale; not known of another fault. */
  'sold',
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
  /** Pause before each repeat, milliseconds; 200 when absent. */
  readonly repeat_after_ms?: number;
  /** Share of the orders that are sent twice at once with one key, as by a double click; 0 when absent. */
  readonly twice?: number;
  /** Length of each product's description, bytes: it is in each answer that orders gets from products. None when absent. */
  readonly description_bytes?: number;
}

/** What is changed so that the experiment must come out FAIL: a guard against limits that always hold. */
export interface Mutant {
  /** What is taken away, as a person reads it. */
  readonly without: string;
  /** True where there is nothing to take away: a limit is made one that cannot hold. */
  readonly sabotaged?: true;
  readonly policies?: readonly PolicyInEffect[];
  /** A protection that is no policy: it is taken out of the code of a service. */
  readonly code?: EditedCode;
  readonly load?: Load;
  /** The fault without what the mesh does against it. */
  readonly fault?: Fault;
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
  /** Replicas that it needs, where one is not enough: `./mesh up --replicas orders=3`. */
  readonly replicas?: Readonly<Replicas>;
  /** The claim, a sentence. */
  readonly hypothesis: string;
  readonly load: Load;
  readonly seconds: PhaseSeconds;
  /** The fault is no longer in the full form: buyers would have no patience for it. */
  readonly same_fault_in_full?: true;
  readonly fault: Fault;
  /** What holds from before the load to its end, at another service than the fault: not the fault, but what it is set in. */
  readonly throughout?: CallsFault;
  readonly policies?: readonly PolicyInEffect[];
  /** Only of a mutant. */
  readonly code?: EditedCode;
  readonly limits: readonly Limit[];
  /** Codes of failure that the fault explains (I7); any other one from the fault on breaks the claim. */
  readonly codes: readonly string[];
  /** Whether traces can be whole (I8): not where a process dies or hangs that has spans to send. */
  readonly traces: 'whole' | 'unprovable';
  /** Only of a schedule: nobody has foreseen what comes of it. */
  readonly schedule?: ScheduleRules;
  readonly mutant: Mutant;
}

/**
 * By what else a schedule is judged: what was broken before it does not count, a mesh that does not settle breaks I4, and its last
 * phase ends once the shop serves every buyer again.
 */
export interface ScheduleRules {
  /** The file that holds it, as it is typed. */
  readonly file: string;
  /** Name of the bug with which it is run. */
  readonly planted?: string;
  /** Whether every answer can be in time (I5): not where the part hangs that keeps the deadline. */
  readonly in_time: boolean;
  /** Callers whose attempts cannot be counted (I6): their Envoys die, and begin at zero. */
  readonly uncounted: readonly string[];
  /** Writers of spans that die or hang: what a trace lacks of theirs breaks nothing (I8). */
  readonly lossy: readonly string[];
}

/** Lengths of the short form, seconds. */
export const shortPhases: PhaseSeconds = { steady: 10, fault: 10, heal: 15 };

/** Behind the name of an experiment, for its mutant. */
export const mutantSuffix = '.mutant';

/** The experiment with its protection taken away, or its limit sabotaged. */
export function mutantOf(experiment: Experiment): Experiment {
  const { mutant } = experiment;
  return {
    ...experiment,
    name: `${experiment.name}${mutantSuffix}`,
    load: mutant.load ?? experiment.load,
    policies: [...(experiment.policies ?? []), ...(mutant.policies ?? [])],
    fault: mutant.fault ?? experiment.fault,
    limits: mutant.limits ?? experiment.limits,
    ...(mutant.code === undefined ? {} : { code: mutant.code }),
  };
}

/** How a name is typed behind `./mesh experiment run`: that of a mutant is the experiment's with an option. */
export function typedName(name: string): string {
  return name.endsWith(mutantSuffix) ? `${name.slice(0, -mutantSuffix.length)} --mutant` : name;
}

/** Parts that a fault names. */
export function partsOf(fault: Fault): readonly string[] {
  if (fault.kind === 'together' || fault.kind === 'timeline') return fault.faults.flatMap(partsOf);
  if (fault.kind === 'restarts') return fault.parts;
  return 'part' in fault ? [fault.part] : [];
}

/** What is done by hand before the kill, so that something hangs in the air. */
const held = {
  events: './mesh fault process rabbitmq --down; ',
  commits: './mesh fault process postgres --hold-commits; ',
} as const;

/** The fault as a person sets it by hand: `./mesh fault …`. */
export function faultCommand(fault: Fault): string {
  if (fault.kind === 'calls') return callsCommand(fault);
  if (fault.kind === 'together') return fault.faults.map(faultCommand).join('; ');
  if (fault.kind === 'timeline') return fault.faults.map(timedCommand).join('; ');
  if (fault.kind === 'restarts') {
    return fault.parts.map((part) => `./mesh fault process ${part} --restart`).join('; ');
  }
  if (fault.kind === 'poison') return `./mesh fault message --poison ${fault.poison} --to ${fault.to}`;
  if (fault.kind === 'certificates') {
    return `./mesh fault certificates --lifetime ${fault.lifetime_s}s${fault.renewed ? '' : ' --no-renewal'}`;
  }
  if (fault.kind === 'sale') {
    return `STOCK=${fault.units} ./mesh load flash-sale --rate ${fault.rate} --duration ${fault.seconds}s`;
  }
  if (fault.kind === 'surge') {
    const { rate, repeats = 0 } = fault.load;
    return `REPEATS=${repeats} ./mesh load smoke --rate ${rate}`;
  }
  if (fault.kind === 'duplicates') return './mesh fault message --duplicate --order <order>';
  const before = fault.kind === 'kill' && fault.holding !== undefined ? held[fault.holding] : '';
  return `${before}./mesh fault process ${fault.part} --${fault.kind}`;
}

/** A fault of a timeline: when, and as a person sets it by hand. */
function timedCommand(fault: TimedFault): string {
  const length = fault.for_ms === undefined ? '' : ` --for ${durationText(fault.for_ms)}`;
  return `at ${durationText(fault.at_ms)} ${faultCommand(fault)}${fault.kind === 'calls' || 'part' in fault ? length : ''}`;
}

function callsCommand(fault: CallsFault): string {
  const values = new Map<string, unknown>(Object.entries(fault));
  // the time when it ends is said by whoever ends it
  const options = faultFieldList.flatMap(({ name, flag, kind, kept }) => {
    const value = values.get(name);
    if (value === undefined || kept === false) return [];
    return [`--${flag} ${kind === 'duration' ? durationText(Number(value)) : String(value)}`];
  });
  return ['./mesh fault set', fault.service, ...options].join(' ');
}
