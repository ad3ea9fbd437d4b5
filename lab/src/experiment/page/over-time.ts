/** What buyers met, second by second: what the charts of a page draw. */
import { type Answer, quantileMs, type Timeline } from '../answers.ts';

/** Width of a step, milliseconds. */
const stepMs = 1000;

/** One step. */
export interface Step {
  /** Its middle, seconds after the fault began. */
  readonly at: number;
  /** Requests that were sent in it, by what they came to: `accepted`, or the code of their failure. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of these requests, milliseconds; `null` without any. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Seconds after the fault began. */
export function sinceFault(t: number, { fault }: Timeline): number {
  return (t - fault.from) / 1000;
}

/** The steps from the beginning of the first phase to the end of the last; a last one that is not whole is left out. */
export function stepsOf(answers: readonly Answer[], timeline: Timeline): Step[] {
  const { steady, heal } = timeline;
  const count = Math.max(0, Math.floor((heal.to - steady.from) / stepMs));
  const byStep = Map.groupBy(answers, ({ t }) => Math.floor((t - steady.from) / stepMs));
  return Array.from({ length: count }, (_, index) => {
    const sent = byStep.get(index) ?? [];
    const byResult = Map.groupBy(sent, ({ status, code = 'other' }) => (status === 201 ? accepted : code));
    return {
      at: sinceFault(steady.from + (index + 0.5) * stepMs, timeline),
      counts: Object.fromEntries([...byResult].map(([result, of]) => [result, of.length])),
      p50: quantileMs(sent, 0.5),
      p99: quantileMs(sent, 0.99),
    };
  });
}

/** What a request came to that placed an order. */
export const accepted = 'accepted';
