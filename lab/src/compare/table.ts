/** A comparison as lines for people. */
import { columns } from '@microshop/cli/output/columns';
import { folded } from '@microshop/cli/output/output';
import type { ArmVerdict } from '../statistics/compare.ts';
import type { ShownFigure } from './figures.ts';
import type { ArmResult, FigureResult } from './judge.ts';

/** A value as it is shown, without its unit. */
export function shown({ scale, digits }: ShownFigure, value: number): string {
  return Number.isFinite(value) ? (scale * value).toFixed(digits) : value > 0 ? '∞' : '−∞';
}

/** A difference with its sign, likewise. */
export function signed(figure: ShownFigure, value: number): string {
  const text = shown(figure, Math.abs(value));
  return `${value < 0 && Number(text) !== 0 ? '−' : '+'}${text}`;
}

/** A verdict in words. */
export function verdictText(said: ArmVerdict): string {
  if (said.verdict !== 'cannot tell') return said.verdict;
  return `cannot tell (${said.moreBlocks} more)`;
}

function rowOf({ figure, primary, unknown }: FigureResult, result: ArmResult, index: number): string[] {
  const { arm, spread, against } = result;
  const name = index === 0 ? `${figure.name}${primary ? ' *' : ''}` : '';
  const unit = figure.unit === '' ? '' : ` ${figure.unit}`;
  const measured =
    spread === null
      ? ['–', '–']
      : [
          `${shown(figure, spread.median)}${unit}`,
          `${shown(figure, spread.least)} to ${shown(figure, spread.most)}`,
        ];
  if (against === null)
    return [name, arm, ...measured, '', '', index === 0 || unknown === null ? '' : 'unknown'];
  const { shift, p, said } = against;
  return [
    name,
    arm,
    ...measured,
    `${signed(figure, shift.estimate)} (${signed(figure, shift.least)}, ${signed(figure, shift.most)})`,
    p.toFixed(3),
    verdictText(said),
  ];
}

/** What the marks of the table mean. */
export const methodText =
  '* the primary figure, named beforehand; the others describe. The difference is the Hodges–Lehmann estimate with its interval (95 %); p is of the sign-flip test, with Holm’s correction over the arms; “more” is about how many further blocks would tell.';

/** The names of the columns. */
export function comparisonHead([first]: readonly FigureResult[]): string[] {
  return ['figure', 'arm', 'median', 'from, to', `against ${first?.arms[0]?.arm ?? ''}`, 'p', 'verdict'];
}

/** The rows of a figure, one for each arm. */
export function figureRows(result: FigureResult): string[][] {
  return result.arms.map((arm, index) => rowOf(result, arm, index));
}

/** Why arms are not compared in some figures, a sentence for each reason. */
export function unknownTexts(results: readonly FigureResult[]): string[] {
  const reasons = results.flatMap(({ figure, unknown }) =>
    unknown === null ? [] : [{ figure: figure.name, unknown }],
  );
  return [...Map.groupBy(reasons, ({ unknown }) => unknown)].map(
    ([unknown, of]) => `unknown: ${of.map(({ figure }) => figure).join(', ')}: ${unknown}`,
  );
}

/** The table, and what its marks mean. */
export function comparisonLines(results: readonly FigureResult[]): string[] {
  return [
    ...columns(comparisonHead(results), results.flatMap(figureRows), ['median', 'p']),
    '',
    ...folded(methodText),
    ...unknownTexts(results).flatMap((text) => folded(text)),
  ];
}
