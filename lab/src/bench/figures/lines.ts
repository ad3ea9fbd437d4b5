/** Figures for people and for pages. */
import { columns } from '@microshop/cli/output/columns';
import { CommandFailed } from '@microshop/cli/output/errors';
import { goOn } from '../results/schemas.ts';
import type { KeptFigures, Measurement } from './schemas.ts';
import { areValid, type FigureSummary, figuresOf } from './summary.ts';

/** Parts of a sum that are shown, at most. */
const mostParts = 4;

/** A number with as many digits as say something. */
export function figureText(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function spreadText({ spread: { median, least, most } }: FigureSummary): string {
  const middle = figureText(median);
  return least === most ? middle : `${middle} (${figureText(least)}–${figureText(most)})`;
}

/** Parts that are nothing are left out. */
function partsText({ of }: FigureSummary): string {
  return of
    .slice(0, mostParts)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name} ${figureText(value)}`)
    .join(', ');
}

/** One line about what was just measured. */
export function measurementLine({ index, figures, invalid }: Measurement, times: number): string {
  const of = figures.map(({ name, value }) => `${name} ${figureText(value)}`).join(' | ');
  const verdict = invalid.length === 0 ? '' : `; INVALID: ${invalid.join('; ')}`;
  return `  ${index + 1} of ${times}: ${of}${verdict}`;
}

/** The whole of a set. */
export function figureLines(kept: KeptFigures): string[] {
  const { set, says, measurements } = kept;
  const head = `${set}: ${says}`;
  if (measurements.length === 0) return [head, '  nothing was measured'];
  const rows = figuresOf(measurements).map((one) => [one.name, spreadText(one), partsText(one)]);
  return [head, verdictText(kept), ...columns(['figure', 'median (least–most)', 'most of it'], rows)];
}

function verdictText({ times, measurements }: KeptFigures): string {
  const invalid = measurements.filter((one) => one.invalid.length > 0).length;
  if (invalid > 0) {
    return `  INVALID: ${invalid} of ${measurements.length} measurements prove nothing, so the figures are no result; the same command takes those again`;
  }
  if (measurements.length < times) return `  ${measurements.length} of ${times} measurements so far`;
  return times === 1 ? '  VALID: measured once' : `  VALID: measured ${times} times`;
}

/** The lines of the same as a table of Markdown. Throws `CommandFailed` for a set that is not valid: a table would make a result of it. */
export function figureTable(kept: readonly KeptFigures[]): string[] {
  const rows = kept.flatMap((one) => {
    const { set, says, times, measurements } = one;
    if (!areValid(one)) {
      const valid = measurements.filter(({ invalid }) => invalid.length === 0).length;
      throw new CommandFailed(`${set} has ${valid} valid measurements of ${times}: ${goOn(one)}`);
    }
    return figuresOf(measurements).map((figure, index) => [
      index === 0 ? says : '',
      figure.name,
      spreadText(figure),
      partsText(figure),
    ]);
  });
  const head = ['what', 'figure', 'median (least–most)', 'most of it'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
