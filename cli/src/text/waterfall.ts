/** Draws a trace for a terminal: at most 100 columns, colour only where there is a terminal. */

import type { Verdict } from '@microshop/control/trace/verdict';
import { type Axis, labelOf, type Row, timeAxis, traceRows } from '@microshop/control/trace/waterfall';
import { shown, styled } from '../output/style.ts';

/** Columns: service, span, duration, bar; with the spaces between them 100. */
const serviceWidth = 16;
const labelWidth = 42;
const durationWidth = 8;
const barWidth = 31;

/** Lines of the waterfall and the verdict. */
export function waterfall(verdict: Verdict): string[] {
  const { spans, trace_id: traceId } = verdict;
  const rows = traceRows(spans);
  if (rows.length === 0) return ['Jaeger holds no span of it'];
  const axis = timeAxis(
    rows.filter((row) => row.type === 'span'),
    barWidth,
  );
  const startUs = Math.min(...rows.map((row) => row.startUs));
  const endUs = Math.max(...rows.map((row) => row.endUs));
  return [
    `trace ${traceId} · ${spans.length} span${spans.length === 1 ? '' : 's'} · ${duration(endUs - startUs)}`,
    '',
    styled('dim', header(endUs - startUs)),
    ...rows.map((row) => line(row, axis)),
    ...breakLines(axis),
    '',
    ...verdictLines(verdict),
  ];
}

/** What the verdict says, in words. */
export function verdictLines(verdict: Verdict): string[] {
  const { complete, missing, roots, orphans } = verdict;
  const about = aboutLines(verdict);
  if (complete) return [...about, styled('green', 'complete: one root, no orphan, no hop missing')];
  const found = [
    ...(roots === 1 ? [] : [`${roots} roots instead of one`]),
    ...(orphans === 0 ? [] : [`${orphans} orphan${orphans === 1 ? '' : 's'}: a parent is not in the trace`]),
    ...missing.map((hop) => `missing: ${hop}`),
  ];
  return [...about, styled('red', 'INCOMPLETE'), ...found.map((text) => `  ${text}`)];
}

function aboutLines({ of, order_id: orderId }: Verdict): string[] {
  if (of !== 'repeat') return [];
  const order = orderId === null ? 'an order' : `order ${orderId}`;
  return [
    `a repeat of ${order}: it has the same idempotency key, and is answered with that order`,
    ...(orderId === null ? [] : [`  ./mesh trace ${orderId} shows how it was placed`]),
  ];
}

/** `940 µs`, `3.2 ms`, `41.7 ms`, `1.25 s`, `2 min 5 s`. */
export function duration(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(1)} ms`;
  const seconds = us / 1_000_000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

function header(totalUs: number): string {
  const end = duration(totalUs);
  return [
    'service'.padEnd(serviceWidth),
    'span'.padEnd(labelWidth),
    'took'.padStart(durationWidth),
    `0${end.padStart(barWidth - 1)}`,
  ].join(' ');
}

function line(row: Row, axis: Axis): string {
  const label = fit(' '.repeat(row.depth) + labelOf(row, labelWidth - row.depth), labelWidth);
  const took = duration(row.endUs - row.startUs).padStart(durationWidth);
  const service = fit(row.service, serviceWidth);
  const text = `${service} ${label} ${took}`;
  if (row.type === 'wait')
    return `${styled('yellow', text)} ${styled('yellow', bar(row, axis, '░'))}`.trimEnd();
  if (row.error) return `${styled('red', text)} ${styled('red', bar(row, axis, '█'))}`.trimEnd();
  return `${styled('dim', service)} ${label} ${took} ${styled('cyan', bar(row, axis, '█'))}`.trimEnd();
}

/** At least one column, however short the span. */
function bar(row: Row, axis: Axis, mark: string): string {
  const from = Math.min(Math.floor(axis.column(row.startUs)), barWidth - 1);
  const to = Math.max(from + 1, Math.round(axis.column(row.endUs)));
  const cells = Array.from({ length: barWidth }, (_, column) => {
    if (column >= from && column < to) return mark;
    return axis.breaks.some(({ fromColumn }) => Math.floor(fromColumn) === column) ? '┊' : ' ';
  });
  return cells.join('').trimEnd();
}

function breakLines(axis: Axis): string[] {
  return axis.breaks.map(({ lengthUs }) =>
    styled('dim', `┊ ${duration(lengthUs)} without any work are cut short`),
  );
}

function fit(text: string, width: number): string {
  const characters = [...shown(text)];
  if (characters.length > width) return `${characters.slice(0, width - 1).join('')}…`;
  return text + ' '.repeat(width - characters.length);
}
