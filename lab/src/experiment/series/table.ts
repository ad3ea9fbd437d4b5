/** A series as a table, and its exit code. */
import { columns } from '@microshop/cli/output/columns';
import { exitCodes } from '@microshop/cli/output/errors';
import { folded } from '@microshop/cli/output/output';
import { spread } from '../../statistics/spread.ts';
import { mutantSuffix } from '../definition.ts';
import type { VerdictName } from '../verdict.ts';
import { turnsLeft } from './run.ts';
import type { Outcome, Series } from './store.ts';

/** What a run has to come out as. */
export function wantedOf({ mutant }: Pick<Outcome, 'mutant'>): VerdictName {
  return mutant ? 'FAIL' : 'PASS';
}

/**
 * Exit code of a series: 0 says that every experiment of the plan passed and every drawn mutant failed, 3 that a run proved
 * nothing or is missing, 1 anything else.
 */
export function seriesCode(series: Series): number {
  if (turnsLeft(series).length > 0) return exitCodes.unproven;
  const wrong = series.outcomes.filter((one) => one.verdict !== wantedOf(one));
  return wrong.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** Lines of a series. */
export function seriesLines(series: Series, file: string): string[] {
  const { plan, outcomes } = series;
  const byName = Map.groupBy(outcomes, ({ name }) => name);
  const names = plan.names.flatMap((name) => [
    name,
    ...(plan.mutants.includes(name) ? [`${name}${mutantSuffix}`] : []),
  ]);
  const rows = names.map((name) => rowOf(name, byName.get(name) ?? []));
  const wrong = outcomes.filter((one) => one.verdict !== wantedOf(one));
  const again = outcomes.filter(({ runs }) => runs > 1);
  const left = turnsLeft(series).length;
  const code = seriesCode(series);
  return [
    ...columns(['run', 'verdict', 'wanted', 'figures of its limits: median (least to most)'], rows),
    ...(wrong.length === 0 ? [] : ['']),
    ...wrong.flatMap(({ name, round, verdict, reasons, file: kept }) => [
      `${name}${plan.repeat > 1 ? `, round ${round}` : ''}: ${verdict}`,
      ...reasons.flatMap((reason) => folded(`  ${reason}`, undefined, '    ')),
      ...(kept === null ? [] : [`  ${kept}`]),
    ]),
    '',
    `mutants     ${plan.mutants.length}, drawn with --seed ${plan.seed}`,
    ...again.map(({ name, runs }) => `again       ${name} was run ${runs} times: it had proved nothing`),
    ...(left === 0
      ? []
      : [`left        ${left} runs are missing or INVALID: ./mesh experiment run --continue`]),
    `series      ${ending(code)}`,
    `kept        ${file}`,
  ];
}

function ending(code: number): string {
  if (code === exitCodes.done) return 'all as wanted: every experiment PASS, every drawn mutant FAIL';
  return code === exitCodes.failed ? 'not as wanted' : 'INVALID: not everything is proven';
}

/** One line of the table: an experiment or a mutant, over all rounds. */
function rowOf(name: string, outcomes: readonly Outcome[]): string[] {
  const counts = [...Map.groupBy(outcomes, ({ verdict }) => verdict)].map(([verdict, of]) =>
    of.length === 1 && outcomes.length === 1 ? verdict : `${of.length} × ${verdict}`,
  );
  return [
    name,
    counts.join(', ') || 'not run',
    wantedOf({ mutant: name.endsWith(mutantSuffix) }),
    figureTexts(outcomes).join('; '),
  ];
}

/** Of the runs that proved something: the figures of an invalid one say nothing, whatever they are. */
function figureTexts(outcomes: readonly Outcome[]): string[] {
  const proven = outcomes.filter(({ verdict }) => verdict !== 'INVALID');
  const names = [...new Set(proven.flatMap(({ figures }) => Object.keys(figures)))];
  return names.flatMap((name) => {
    const values = proven.flatMap(({ figures }) => figures[name] ?? []);
    if (values.length === 0) return [];
    const { median, least, most } = spread(values);
    const text = (value: number) => String(Number(value.toPrecision(3)));
    const around = values.length === 1 ? '' : ` (${text(least)} to ${text(most)})`;
    return [`${name} ${text(median)}${around}`];
  });
}
