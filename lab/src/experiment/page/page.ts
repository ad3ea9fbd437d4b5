/** A run as one page: everything stands in the file, and no script runs. */
import { durationText } from '@microshop/cli/output/values';
import type { Answer } from '../answers.ts';
import { faultCommand, phaseNames } from '../definition.ts';
import { figuresOf, hasRecovered } from '../facts.ts';
import type { Report } from '../report.ts';
import { attemptsChart, breakerChart, latencyChart, rateChart, usedLayers } from './charts.ts';
import { card, documentOf } from './document.ts';
import { escaped, pairs, table } from './html.ts';
import { orderDetails, type ShownOrder } from './orders.ts';
import { stepsOf } from './over-time.ts';

/** What a page shows besides the report. */
export interface PageParts {
  readonly answers: readonly Answer[];
  readonly slowest: readonly ShownOrder[];
  readonly incomplete: readonly ShownOrder[];
}

const percent = (share: number | null) => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(0)} ms`);
const rounded = (value: number | null | undefined) =>
  value === null || value === undefined ? 'not known' : String(Number(value.toPrecision(3)));

/** The page. */
export function pageOf(report: Report, { answers, slowest, incomplete }: PageParts): string {
  const { name, verdict, hypothesis, reasons, witness } = report;
  const steps = stepsOf(answers, report.timeline);
  const breakers = breakerChart(report);
  const sections = [
    card('Time to the answer', latencyChart(steps, report)),
    card('Requests per second', rateChart(steps, report)),
    card('Attempts per call, by layer', attemptsChart(report)),
    card(
      'Breakers',
      breakers === null
        ? '<p class="quiet">No breaker was reported.</p>'
        : `${breakers}<p class="quiet">Apps report a change up to 10 s late.</p>`,
    ),
    card('Phases', phaseTable(report), true),
    card('Limits of this experiment', limitTable(report)),
    card('Audit', auditTable(report)),
    card('Layers of calls', layerTable(report), true),
    card('The ten slowest requests', orderList(slowest, report, 'There was none.'), true),
    card(
      'Orders whose trace is not whole',
      orderList(
        incomplete,
        report,
        report.experiment.traces === 'whole'
          ? `None of ${judgedIn(report)}.`
          : 'Not judged: a process dies or hangs that has spans to send.',
      ),
      true,
    ),
    card('How it was run', runTable(report), true),
  ];
  return documentOf(
    `${name}: ${verdict}`,
    `<header><h1>${escaped(name)}</h1><span class="verdict ${verdict}">${verdict}</span></header>
<p class="claim">${escaped(hypothesis)}</p>
${reasons.length === 0 ? '' : `<ul>${reasons.map((reason) => `<li>${escaped(reason)}</li>`).join('')}</ul>`}
<p class="quiet">The fault: <code>${escaped(faultCommand(report.experiment.fault))}</code>.${throughoutText(report)} Witness: ${escaped(witness.saw)}.</p>
<div class="cards">
${sections.join('\n')}
</div>`,
  );
}

/** Traces that were looked at. */
function judgedIn({ traces: { complete, incomplete, unprovable, unjudged } }: Report): number {
  return complete + incomplete + unprovable + unjudged;
}

function throughoutText({ experiment: { throughout } }: Report): string {
  return throughout === undefined ? '' : ` Throughout: <code>${escaped(faultCommand(throughout))}</code>.`;
}

function phaseTable(report: Report): string {
  const { phases, recovery_s: recovery, deadline_ms: deadline, codes } = report;
  const rows = phaseNames.map((name) => {
    const {
      seconds,
      buyers,
      rate_per_s: rate,
      success,
      p50_ms,
      p95_ms,
      p99_ms,
      codes: failed,
    } = phases[name];
    return [
      name,
      `${seconds.toFixed(1)} s`,
      String(buyers),
      rate.toFixed(1),
      percent(success),
      ms(p50_ms),
      ms(p95_ms),
      ms(p99_ms),
      counted(failed),
    ];
  });
  const head = [
    'phase',
    'length',
    'buyers',
    'per second',
    'got an order',
    'p50',
    'p95',
    'p99',
    'requests that failed',
  ];
  return `${table(head, rows)}<p class="quiet">${escaped(
    `The deadline of an order is ${deadline} ms. ${
      hasRecovered(report)
        ? `The last request failed ${recovery.toFixed(1)} s after the end of the fault.`
        : `Requests failed until the load ended, ${recovery.toFixed(1)} s after the end of the fault.`
    } From the fault on failed: ${counted(codes)}.`,
  )}</p>`;
}

function counted(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([code, count]) => `${count} ${code}`);
  return texts.join(', ') || 'none';
}

function limitTable(report: Report): string {
  const figures = figuresOf(report);
  const rows = report.experiment.limits.map(({ figure, least, most }) => {
    const bounds = [
      ...(least === undefined ? [] : [`≥ ${least}`]),
      ...(most === undefined ? [] : [`≤ ${most}`]),
    ];
    return [figure, bounds.join(', '), rounded(figures.get(figure))];
  });
  return table(['figure', 'has to be', 'was'], rows);
}

function auditTable({ audit }: Report): string {
  const rows = audit.invariants.map(({ id, says, verdict, broken_by: by }) => {
    const look = verdict === 'OK' ? 'ok' : verdict === 'BROKEN' ? 'broken' : 'quiet';
    const why = by.length === 0 ? '' : `<br><span class="quiet">${escaped(by.slice(0, 5).join('; '))}</span>`;
    return `<tr><td>${escaped(id)}</td><td class="${look}">${escaped(verdict)}</td><td>${escaped(says)}${why}</td></tr>`;
  });
  const { orders, acknowledged, in_dlq: dead, waited_ms: waited, settled } = audit;
  const end = settled ? `The mesh had settled after ${durationText(waited)}` : 'The mesh did not settle';
  return `<div class="wide"><table><tbody>${rows.join('\n')}</tbody></table></div><p class="quiet">${escaped(
    `${end}. ${acknowledged ?? 'Unknown how many'} orders were acknowledged; of all orders ${orders.confirmed} are confirmed, ${orders.rejected} rejected, ${orders.pending} pending. Dead letters: ${dead}.`,
  )}</p>`;
}

function layerTable({ phases }: Report): string {
  const rows = phaseNames.flatMap((name) =>
    usedLayers(phases[name]).map(
      ({ layer, calls, attempts, attempts_per_call: factor, actual_success: good }) => [
        name,
        layer,
        String(calls),
        String(attempts),
        factor?.toFixed(2) ?? '–',
        percent(good),
      ],
    ),
  );
  return table(['phase', 'layer', 'calls', 'attempts', 'per call', 'answered well'], rows);
}

function orderList(orders: readonly ShownOrder[], { timeline }: Report, none: string): string {
  if (orders.length === 0) return `<p class="quiet">${escaped(none)}</p>`;
  return orders.map((order) => orderDetails(order, timeline)).join('\n');
}

function runTable({ environment, command, timeline, drift, dropped, experiment }: Report): string {
  const { cpu, cores, memory_mib: memory, kernel, node, servers, commit, changed } = environment;
  const { steady, fault, heal } = experiment.seconds;
  const rows = [
    [
      'when',
      `${new Date(timeline.steady.from).toISOString()} to ${new Date(timeline.heal.to).toISOString()}`,
    ],
    ['load', `${experiment.load.rate} buyers per second; ${dropped ?? 'unknown'} iterations dropped by k6`],
    ['phases', `steady ${steady} s, fault ${fault} s, heal ${heal} s`],
    [
      'machine',
      `${cores} × ${cpu}, ${memory} MiB, Linux ${kernel}; ${percent(drift)} as fast after the run as before it`,
    ],
    ['code', `commit ${commit}${changed ? ', with changes' : ''}`],
    [
      'versions',
      [`node ${node}`, ...Object.entries(servers).map(([name, version]) => `${name} ${version}`)].join(', '),
    ],
  ];
  return `<pre><code>${escaped(command)}</code></pre>${pairs(rows)}<p class="quiet">Beside this file: <code>report.json</code>, the ledger <code>ledger.jsonl</code>, and the report of k6, <code>report.html</code>.</p>`;
}
