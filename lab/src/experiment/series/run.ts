/** Runs a series: one run that breaks does not end it, and an interrupted one goes on later. */
import { messageOf } from '@microshop/program-kit/errors';
import type { Experiment } from '../definition.ts';
import { figuresOf } from '../facts.ts';
import type { Run } from '../run.ts';
import { experimentOf, type Turn, turnsOf } from './plan.ts';
import type { Outcome, Series } from './store.ts';

/** What a series runs with. */
export interface SeriesHands {
  readonly experiments: readonly Experiment[];
  /** Aborted when it is to end early; the run under way gives the mesh back by itself. */
  readonly interrupted: AbortSignal;
  /** Resolves when the mesh is as this one needs it, replicas included; throws when it does not become so. */
  ready(experiment: Experiment): Promise<void>;
  run(experiment: Experiment): Promise<Run>;
  /** Called after each run with all that is known by then. */
  keep(series: Series): Promise<void>;
  onProgress(text: string): void;
}

const isOf = (turn: Turn) => (one: Turn) => one.name === turn.name && one.round === turn.round;

/** Runs that are missing, and those that proved nothing. */
export function turnsLeft({ plan, outcomes }: Series): Turn[] {
  return turnsOf(plan).filter((turn) => (outcomes.find(isOf(turn))?.verdict ?? 'INVALID') === 'INVALID');
}

/** Runs what is left of it; what an interruption cut off is not among the outcomes. */
export async function runSeries(begun: Series, hands: SeriesHands): Promise<Series> {
  let series = begun;
  const left = turnsLeft(begun);
  for (const [index, turn] of left.entries()) {
    if (hands.interrupted.aborted) break;
    hands.onProgress(`${index + 1} of ${left.length}: ${turn.name}`);
    const before = series.outcomes.find(isOf(turn));
    const outcome = await outcomeOf(turn, (before?.runs ?? 0) + 1, series, hands);
    if (hands.interrupted.aborted) break;
    const others = series.outcomes.filter((one) => one !== before);
    series = { ...series, outcomes: [...others, outcome] };
    await hands.keep(series);
    hands.onProgress([`${turn.name}: ${outcome.verdict}`, ...outcome.reasons].join('; '));
  }
  return series;
}

async function outcomeOf(turn: Turn, runs: number, { plan }: Series, hands: SeriesHands): Promise<Outcome> {
  const experiment = experimentOf(turn, plan, hands.experiments);
  try {
    await hands.ready(experiment);
    const { report, file } = await hands.run(experiment);
    const figures = figuresOf(report);
    const named = experiment.limits.map(({ figure }) => [figure, figures.get(figure) ?? null] as const);
    const { verdict, reasons } = report;
    return { ...turn, verdict, reasons: [...reasons], figures: Object.fromEntries(named), file, runs };
  } catch (error) {
    return {
      ...turn,
      verdict: 'INVALID',
      reasons: [`the run broke: ${messageOf(error)}`],
      figures: {},
      file: null,
      runs,
    };
  }
}
