/** What a run has found, before it is judged. */
import type { Audit } from '@microshop/control/audit/report';
import { callEdges, edgeNamed } from '@microshop/topology';
import type { PhaseAnswers } from './answers.ts';
import { type Experiment, type FigureName, type PhaseName, phaseNames } from './definition.ts';
import { type Layer, uncounted } from './layers.ts';
import type { Traces } from './traces.ts';

/** One phase: what buyers met, and what the layers of calls did. */
export interface Phase extends PhaseAnswers {
  readonly layers: readonly Layer[];
}

/** Whether the fault did something, with what was seen of it. */
export interface Witness {
  readonly landed: boolean;
  readonly saw: string;
  /** Messages that the fault has made and that were neither handled nor put aside. */
  readonly messages_left?: number;
  /** Messages that the fault has sent without an answer: the broker may have taken them, and they become dead letters later. */
  readonly messages_unconfirmed?: number;
  /** Ids of dead letters that the fault has made and that were not there when it was over, or could not be removed. */
  readonly messages_late?: readonly string[];
  /** Units that were sold in a sale. */
  readonly sold?: number;
  /** Of each fault of a timeline, in their order. */
  readonly each?: readonly Witness[];
}

/** What several faults have made together. */
export function madeBy(witnesses: readonly Witness[]): Omit<Witness, 'landed' | 'saw' | 'each'> {
  const sum = (name: 'messages_left' | 'messages_unconfirmed') =>
    witnesses.reduce((total, witness) => total + (witness[name] ?? 0), 0);
  const sold = witnesses.find((witness) => witness.sold !== undefined)?.sold;
  return {
    messages_left: sum('messages_left'),
    messages_unconfirmed: sum('messages_unconfirmed'),
    messages_late: witnesses.flatMap(({ messages_late: late = [] }) => late),
    ...(sold === undefined ? {} : { sold }),
  };
}

/** State of a breaker from a moment on, as its app reported it. */
export interface BreakerChange {
  /** Milliseconds since the epoch; the app may have reported it up to 10 s late. */
  readonly t: number;
  /** `orders → products`, or `orders-2 → products` of a further replica. */
  readonly breaker: string;
  readonly state: string;
}

/** What a run has found. */
export interface Facts {
  readonly experiment: Experiment;
  /** Why the run ended before its time; `null` when it did not. */
  readonly interrupted: string | null;
  /** By how much the clock of the machine was set from the first phase on, milliseconds. */
  readonly clock_step_ms: number;
  readonly phases: Readonly<Record<PhaseName, Phase>>;
  /** What the layers of calls did from the beginning of the first phase to the end of the last. */
  readonly layers: readonly Layer[];
  /** 99 % of all answers from the first phase on took no longer, milliseconds. */
  readonly p99_ms: number | null;
  /** Requests that failed from the fault on, by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Iterations that k6 could not start in time; `null` without a summary. */
  readonly dropped: number | null;
  /** Speed of the machine after the run ÷ before it. */
  readonly drift: number;
  readonly witness: Witness;
  readonly audit: Audit;
  readonly traces: Traces;
  /** Requests for an order that the app was given again by the gateway, by their traces; looked for in schedules only. */
  readonly seen_twice: readonly string[];
  /** Sidecars that report a fault after the end of all. */
  readonly faults_left: readonly string[];
  /** Attempts that the policy of each edge allows for a call, by edge. */
  readonly tries: Readonly<Record<string, number>>;
  readonly recovery_s: number;
  readonly breakers: readonly BreakerChange[];
  readonly accepted: number;
  /** Messages in the dead-letter queues before the run. */
  readonly letters_before: number;
  /** Messages in them since then that the fault has made, or may have made. */
  readonly letters_explained: number;
}

/** Whether a request was served after the last one that failed, before the last phase was over. */
export function hasRecovered({ phases: { heal }, recovery_s: recovery }: Facts): boolean {
  return recovery === 0 || recovery < heal.seconds;
}

/** Every figure that a limit can name; `null` where it is not known. */
export function figuresOf(facts: Facts): ReadonlyMap<FigureName, number | null> {
  const figures = new Map<FigureName, number | null>([
    ['recovery_s', facts.recovery_s],
    ['accepted', facts.accepted],
    [
      'dead_letters',
      facts.audit.in_dlq === null
        ? null
        : facts.audit.in_dlq - facts.letters_before - facts.letters_explained,
    ],
    ['messages_left', facts.witness.messages_left ?? 0],
    ['sold', facts.witness.sold ?? null],
  ]);
  for (const name of phaseNames) {
    const { layers, buyers, ...phase } = facts.phases[name];
    for (const figure of ['success', 'p50_ms', 'p95_ms', 'p99_ms'] as const) {
      figures.set(`${name}.${figure}`, phase[figure]);
    }
    const inner = callEdges.filter(({ caller }) => caller === 'orders').map(edgeNamed);
    const attempts = layers
      .filter(({ layer }) => inner.includes(layer))
      .reduce((sum, layer) => sum + layer.attempts, 0);
    const known = buyers > 0 && uncounted(layers, inner).length === 0;
    figures.set(`${name}.attempts_per_order`, known ? attempts / buyers : null);
    const factors = layers.flatMap(({ attempts_per_call }) => attempts_per_call ?? []);
    const complete = factors.length > 0 && uncounted(layers, callEdges.map(edgeNamed)).length === 0;
    figures.set(`${name}.amplification`, complete ? Math.max(...factors) : null);
  }
  return figures;
}
