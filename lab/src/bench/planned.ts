/** What would be measured, and about how long that takes. */
import { columns } from '@microshop/cli/output/columns';
import { durationText } from '@microshop/cli/output/values';
import type { Chosen } from './chosen.ts';
import type { Result } from './results/schemas.ts';

/** Time that one run takes beside its load, seconds: its part of two starts, products, the check of traces. */
const besideLoadSeconds = 8;

/** About how long all of it takes. */
function secondsOf({ comparisons, sets }: Chosen, plan: Result['plan']): number {
  const runs = comparisons.length * plan.pairs * 2;
  return (
    runs * (plan.seconds + plan.warm_up_s + besideLoadSeconds) +
    sets.reduce((sum, one) => sum + one.seconds, 0)
  );
}

/** What would be measured, for programs. */
export function plannedDocument(chosen: Chosen, plan: Result['plan']): object {
  return {
    comparisons: chosen.comparisons.map(({ name, says, sides }) => ({
      name,
      says,
      sides: sides.map((side) => side.name),
      pairs: plan.pairs,
    })),
    figures: chosen.sets.map(({ name, says, times }) => ({ name, says, times })),
    seconds: secondsOf(chosen, plan),
  };
}

/** What would be measured, for people. */
export function plannedLines(chosen: Chosen, plan: Result['plan']): string[] {
  const { comparisons, sets } = chosen;
  const pairs = comparisons.length * plan.pairs;
  const all = [
    ...(comparisons.length === 0 ? [] : [`${pairs} pairs`]),
    ...(sets.length === 0 ? [] : [`${sets.length === 1 ? 'a set' : `${sets.length} sets`} of figures`]),
  ];
  return [
    ...(comparisons.length === 0
      ? []
      : columns(
          ['comparison', 'first side', 'second side'],
          comparisons.map(({ name, sides }) => [name, sides[0].name, sides[1].name]),
        )),
    ...(sets.length === 0
      ? []
      : columns(
          ['figures', 'measured'],
          sets.map(({ name, times }) => [name, times === 1 ? 'once' : `${times} times`]),
        )),
    `${all.join(' and ')}, about ${durationText(Math.ceil(secondsOf(chosen, plan) / 60) * 60_000)}`,
  ];
}
