/** Single orders on a page: each with the waterfall of its trace. */
import { duration } from '@microshop/cli/text/waterfall';
import type { Verdict } from '@microshop/control/trace/verdict';
import { labelOf, timeAxis, traceRows } from '@microshop/control/trace/waterfall';
import type { Answer, Timeline } from '../answers.ts';
import { escaped } from './html.ts';
import { sinceFault } from './over-time.ts';

/** A request with its trace. */
export interface ShownOrder {
  readonly answer: Answer;
  /** `undefined` when it could not be read. */
  readonly trace: Verdict | undefined;
}

/** Letters of a span's name at most. */
const labelWidth = 70;

/** A line that opens the waterfall below it. */
export function orderDetails({ answer, trace }: ShownOrder, timeline: Timeline): string {
  const { ms, status, code, t, trace_id: traceId } = answer;
  const order = trace?.order_id ?? null;
  const came = status === 201 ? 'accepted' : (code ?? (status === 0 ? 'no answer' : `status ${status}`));
  const title = [
    `${Math.round(ms)} ms`,
    order === null ? came : `order ${order}, ${came}`,
    `sent at ${sinceFault(t, timeline).toFixed(1)} s`,
    ...(trace === undefined || trace.complete ? [] : [whatIsMissing(trace)]),
  ];
  return `<details><summary>${escaped(title.join(' · '))} <span class="quiet mono">${escaped(traceId)}</span></summary>${
    trace === undefined ? '<p class="quiet">Its trace could not be read.</p>' : waterfall(trace)
  }</details>`;
}

/** What a trace lacks. */
function whatIsMissing({ missing, roots, orphans }: Verdict): string {
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;
  return `${roots} roots, ${orphans} spans without their parent`;
}

function waterfall({ spans }: Verdict): string {
  const rows = traceRows(spans);
  if (rows.length === 0) return '<p class="quiet">Jaeger holds no span of it.</p>';
  const axis = timeAxis(
    rows.filter(({ type }) => type === 'span'),
    100,
  );
  const cells = rows.map((row) => {
    const { service, depth, startUs, endUs, type, error } = row;
    const from = axis.column(startUs);
    const length = axis.column(endUs) - from;
    const indent = `padding-left:${depth * 10}px`;
    const look = error ? 'error' : type;
    return [
      `<div class="quiet">${escaped(service)}</div>`,
      `<div style="${indent}"${error ? ' class="error-text"' : ''}>${escaped(labelOf(row, labelWidth))}</div>`,
      `<div class="number">${escaped(duration(endUs - startUs))}</div>`,
      `<div class="bar"><i class="${look}" style="left:${from.toFixed(2)}%;width:${length.toFixed(2)}%"></i></div>`,
    ].join('');
  });
  const cut = axis.breaks.map(({ lengthUs }) => duration(lengthUs));
  const note =
    cut.length === 0
      ? ''
      : `<p class="quiet">The axis leaves out ${cut.join(', ')} in which nothing ran.</p>`;
  return `<div class="wide"><div class="waterfall">${cells.join('\n')}</div></div>${note}`;
}
