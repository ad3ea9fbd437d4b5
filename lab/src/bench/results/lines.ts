/** Results for people. */
import { columns } from '@microshop/cli/output/columns';
import type { Spread } from '../../statistics/spread.ts';
import type { Pair, Result } from './schemas.ts';
import { type Compared, cpuMsPerOrder, ordersPerSecond, summaryOf } from './summary.ts';
import { foreignShare } from './validity.ts';

const told = ({ median, least, most }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;

/** A ratio with its interval, if there is one: below 6 pairs there is none. */
export function ratioText({ ratio: { estimate, least, most } }: Compared): string {
  const interval = Number.isFinite(most) && least > 0 ? ` (${least.toFixed(2)}–${most.toFixed(2)})` : '';
  return `${estimate.toFixed(2)}${interval}`;
}

/** One line about a pair that was just measured. */
export function pairLine({ index, runs, invalid }: Pair, pairs: number, sides: readonly string[]): string {
  const of = runs.map(
    (run, side) =>
      `${sides[side]} ${ordersPerSecond(run).toFixed(1)} orders/s, ${cpuMsPerOrder(run).toFixed(2)} ms of CPU an order, foreign ${(100 * foreignShare(run)).toFixed(0)} %`,
  );
  const verdict = invalid.length === 0 ? '' : `; INVALID: ${invalid.join('; ')}`;
  return `  pair ${index + 1} of ${pairs}: ${of.join(' | ')}${verdict}`;
}

/** The whole of a comparison; `undefined` without any pair. */
export function resultLines(result: Result): string[] {
  const { comparison, says, sides, plan, pairs, discarded } = result;
  const invalid = pairs.filter((pair) => pair.invalid.length > 0);
  const head = `${comparison}: ${says}`;
  if (pairs.length === 0) return [head, '  no pair was measured'];
  const { ordersPerSecond: orders, cpuMsPerOrder: cpu, p50, p99, backlog, ...rest } = summaryOf(pairs);
  const row = (name: string, of: Compared, digits: number) => [
    name,
    told(of.sides[0], digits),
    told(of.sides[1], digits),
    `${ratioText(of)}, p ${of.p.toFixed(2)}`,
  ];
  const ratioHead = `${sides[0]} ÷ ${sides[1]}`;
  const cpuRow = (name: string, [one, other]: readonly [number, number]) => [
    name,
    one.toFixed(2),
    other.toFixed(2),
  ];
  return [
    head,
    verdictText(result, invalid.length),
    ...columns(
      ['median (least–most)', ...sides, ratioHead],
      [
        row('orders per second', orders, 1),
        row('answer p50, ms', p50, 1),
        row('answer p99, ms', p99, 1),
        row('CPU of the mesh per order, ms', cpu, 2),
        row('until all ended ÷ until all were placed', backlog, 2),
      ],
    ),
    '',
    ...columns(
      ['CPU per order, ms', ...sides],
      [
        ...rest.byRow.map((of) => cpuRow(of.row, of.msPerOrder)),
        cpuRow('the machine, as the kernel says', rest.machineMsPerOrder),
      ],
      [...sides],
    ),
    ...(discarded.length > 0 ? [`  ${discarded.length} INVALID pairs were measured again`] : []),
    `  ${plan.seconds} s a run after ${plan.warm_up_s} s of load, ${plan.pairs} pairs`,
  ];
}

function verdictText({ plan, pairs }: Result, invalid: number): string {
  if (invalid > 0) {
    return `  INVALID: ${invalid} of ${pairs.length} pairs prove nothing, so the figures are no result; the same command measures those again`;
  }
  if (pairs.length < plan.pairs) return `  ${pairs.length} of ${plan.pairs} pairs so far`;
  return `  VALID: ${pairs.length} pairs`;
}
