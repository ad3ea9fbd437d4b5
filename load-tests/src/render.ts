/** The summary of a run as text for a terminal. */
import type { ByCode, Knee, Latency, LoadSummary, PhaseSummary, Sale } from './summary.ts';

/** Width of the first column. */
const labelWidth = 12;

/** Lines that say how a run went; plain text, at most 100 columns wide unless a reason is longer. */
export function renderSummary(summary: LoadSummary): string {
  const { orders, completion, knee, sale } = summary;
  const lines = [
    line('scenario', `${summary.scenario}, ${summary.duration_s} s against ${summary.gateway}`),
    '',
    ...table(summary.phases),
    '',
    line('orders', `${orders.accepted} accepted, ${orders.refused} refused, ${orders.failed} failed`),
    line('errors', codes(summary.errors)),
  ];
  if (orders.refused > 0) lines.push(line('refusals', `${codes(summary.refusals)} (expected here)`));
  if (completion !== null)
    lines.push(line('completion', `${times(completion)} of ${completion.count} followed`));
  lines.push(line('dropped', `${summary.dropped_iterations} iterations`));
  if (knee !== null) lines.push(...kneeLines(knee));
  for (const { ok, metric, expression } of summary.thresholds) {
    lines.push(line('threshold', `${ok ? 'kept  ' : 'BROKEN'} ${metric} ${expression}`));
  }
  if (sale !== null) lines.push('', line('sale', saleText(sale)));
  lines.push('', line('verdict', summary.verdict), ...summary.reasons.map((reason) => line('', reason)));
  return lines.map((text) => text.trimEnd()).join('\n');
}

function line(label: string, text: string): string {
  return `${label.padEnd(labelWidth)}${text}`;
}

const columns = ['phase', 'asked/s', 'sent/s', 'p50', 'p95', 'p99', 'max', 'failed', 'dropped'];

function table(phases: readonly PhaseSummary[]): string[] {
  const rows = phases.map(({ phase, asked_per_s, sent_per_s, latency, failed_share, dropped_iterations }) => [
    phase,
    String(asked_per_s),
    sent_per_s.toFixed(1),
    time(latency.p50_ms),
    time(latency.p95_ms),
    time(latency.p99_ms),
    time(latency.max_ms),
    `${(failed_share * 100).toFixed(1)} %`,
    String(dropped_iterations),
  ]);
  const phaseWidth = Math.max(labelWidth, ...phases.map(({ phase }) => phase.length + 2));
  return [columns, ...rows].map(([first = '', ...others]) =>
    [first.padEnd(phaseWidth), ...others.map((cell) => cell.padStart(10))].join(''),
  );
}

function time(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function times(latency: Latency): string {
  return `p50 ${time(latency.p50_ms)}, p95 ${time(latency.p95_ms)}, p99 ${time(latency.p99_ms)}`;
}

function codes(counts: ByCode): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.length === 0 ? 'none' : entries.map(([code, count]) => `${code} ${count}`).join(', ');
}

function kneeLines({ last_good_per_s: good, first_bad_per_s: bad, noisy_per_s: noisy }: Knee): string[] {
  const steps = noisy.map((rate) => `${rate}/s`).join(', ');
  const noise =
    noisy.length === 0 ? [] : [line('', `${steps} broke the limits, and higher rates kept them: noise`)];
  if (good === null) return [line('knee', `below ${bad}/s, the first step`)];
  const above = bad === null ? 'the last step; try a higher RATE' : `${bad}/s does not hold`;
  return [line('knee', `${good}/s holds; ${above}`), ...noise];
}

function saleText({ stock, sold, refused, oversold }: Sale): string {
  return `${Math.min(sold, stock)} of ${stock} sold, ${refused} refused, ${oversold} oversold`;
}
