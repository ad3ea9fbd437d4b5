/** A comparison as lines for people. */
import { columns } from '@microshop/cli/output/columns';
import { folded } from '@microshop/cli/output/output';
import type { ArmVerdict } from '../statistics/compare.ts';
import type { ShownFigure } from './figures.ts';
import type { ArmResult, FigureResult } from './judge.ts';

/** A value as it is shown, without its unit. */
function shown({ scale, digits }: ShownFigure, value: number): string {
  return Number.isFinite(value) ? (scale * value).toFixed(digits) : value > 0 ? '∞' : '−∞';
}

function signed(figure: ShownFigure, value: number): string {
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

/** The table, and what its marks mean. */
export function comparisonLines(results: readonly FigureResult[]): string[] {
  const [first] = results;
  const head = [
    'figure',
    'arm',
    'median',
    'from, to',
    `against ${first?.arms[0]?.arm ?? ''}`,
    'p',
    'verdict',
  ];
  const rows = results.flatMap((result) => result.arms.map((arm, index) => rowOf(result, arm, index)));
  const reasons = results.flatMap(({ figure, unknown }) =>
    unknown === null ? [] : [{ figure: figure.name, unknown }],
  );
  return [
    ...columns(head, rows, ['median', 'p']),
    '',
    ...folded(
      '* the primary figure, named beforehand; the others describe. The difference is the Hodges–Lehmann estimate with its interval (95 %); p is of the sign-flip test, with Holm’s correction over the arms; “more” is about how many further blocks would tell.',
    ),
    ...[...Map.groupBy(reasons, ({ unknown }) => unknown)].flatMap(([unknown, of]) =>
      folded(`unknown: ${of.map(({ figure }) => figure).join(', ')}: ${unknown}`),
    ),
  ];
}
