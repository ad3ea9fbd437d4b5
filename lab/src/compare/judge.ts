/** Judges the valid blocks of a comparison, figure by figure. */
import { type Comparison, compareArms, leastBlocks } from '../statistics/compare.ts';
import { type Spread, spread } from '../statistics/spread.ts';
import { layerFigure, namedFigures, type PrimaryName, type ShownFigure, type Values } from './figures.ts';

/** One run: an arm in a block. */
export interface ArmRun {
  readonly arm: string;
  /** From 1 on. */
  readonly block: number;
  readonly values: Values;
  /** Why it does not count; none when it does. */
  readonly invalid: readonly string[];
}

/** An arm in one figure. */
export interface ArmResult {
  readonly arm: string;
  /** Over the blocks in which it is known; `null` without any. */
  readonly spread: Spread | null;
  /** Against the first arm; `null` for that one itself, and where {@link FigureResult.unknown} says why. */
  readonly against: Comparison | null;
}

/** One figure of all arms. */
export interface FigureResult {
  readonly figure: ShownFigure;
  readonly primary: boolean;
  readonly arms: readonly ArmResult[];
  /** Why arms are not compared in it; `null` when they are. */
  readonly unknown: string | null;
}

/** Numbers of the blocks in which every arm has exactly one run, and that run counts. */
export function validBlocks(arms: readonly string[], runs: readonly ArmRun[]): number[] {
  const blocks = [...new Set(runs.map(({ block }) => block))];
  return blocks.filter((block) =>
    arms.every((arm) => {
      const [run, ...others] = runs.filter((one) => one.arm === arm && one.block === block);
      return run !== undefined && others.length === 0 && run.invalid.length === 0;
    }),
  );
}

/** Every figure over the valid blocks, the primary one first; layers in which no call was made are left out. */
export function judge(
  arms: readonly string[],
  runs: readonly ArmRun[],
  primary: PrimaryName,
): FigureResult[] {
  const blocks = validBlocks(arms, runs);
  const valid = runs.filter(({ block }) => blocks.includes(block));
  const layers = [...new Set(valid.flatMap(({ values }) => Object.keys(values)))]
    .filter((name) => !Object.hasOwn(namedFigures, name))
    .filter((name) => valid.some(({ values }) => (values[name] ?? null) !== null));
  const figures = [...Object.values<ShownFigure>(namedFigures), ...layers.map(layerFigure)];
  return figures
    .map((figure) => resultOf(figure, figure.name === primary, arms, blocks, valid))
    .sort((one, other) => Number(other.primary) - Number(one.primary));
}

function resultOf(
  figure: ShownFigure,
  primary: boolean,
  arms: readonly string[],
  blocks: readonly number[],
  runs: readonly ArmRun[],
): FigureResult {
  const known = arms.map((arm) =>
    blocks.flatMap((block) => {
      const value = runs.find((run) => run.arm === arm && run.block === block)?.values[figure.name];
      return value === undefined || value === null ? [] : [value];
    }),
  );
  const unknown = whyUnknown(known, arms, blocks.length);
  const [first = [], ...others] = known;
  const against = unknown === null ? compareArms(first, others, figure) : [];
  return {
    figure,
    primary,
    unknown,
    arms: arms.map((arm, index) => ({
      arm,
      spread: known[index]?.length ? spread(known[index]) : null,
      against: against[index - 1] ?? null,
    })),
  };
}

function whyUnknown(
  known: readonly (readonly number[])[],
  arms: readonly string[],
  blocks: number,
): string | null {
  const least = leastBlocks(arms.length - 1);
  if (blocks < least) return `${blocks} valid blocks are too few: ${least} at least`;
  const index = known.findIndex((values) => values.length < blocks);
  return index < 0 ? null : `not known in every block of ${arms[index]}`;
}
