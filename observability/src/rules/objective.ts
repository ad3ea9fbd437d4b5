/**
 * The objective of placing an order, and how fast its error budget burns. What clients see counts: the gateway's own
 * statistics, which unavailable telemetry cannot falsify.
 */
import { placeOrderObjective } from '@microshop/topology';
import { type AlertingRule, percentage, type RecordingRule, type RuleGroup } from './rule.ts';

/** Times faster than it lasts the budget burns when the alert of that name fires. */
export const burnFactors = { fast: 6, slow: 2 } as const;

/** A pair of windows: the long one tells that it matters, the short one that it still goes on. */
interface BurnRate {
  readonly name: string;
  readonly severity: 'page' | 'ticket';
  readonly long: string;
  readonly short: string;
  /** Times the rate that would just use up the budget in its period. */
  readonly factor: number;
}

/**
 * The usual windows (1 h and 5 min, 6 h and 30 min for a budget of 30 days; "The Site Reliability Workbook", chapter
 * 5) shrunk to a budget of one hour. Fast: 6 times for 5 min is half of the budget. Slow: 2 times for 30 min is all.
 */
const burnRates: readonly BurnRate[] = [
  { name: 'Fast', severity: 'page', long: '5m', short: '1m', factor: burnFactors.fast },
  { name: 'Slow', severity: 'ticket', long: '30m', short: '5m', factor: burnFactors.slow },
];

const { stat, availability, latency, periodMinutes } = placeOrderObjective;

/** The time the budget is for, as a window. */
const period = `${periodMinutes}m`;

/** Every window a ratio is recorded for. */
const windows = [...new Set([...burnRates.flatMap(({ long, short }) => [short, long]), period])];

/** Requests per second in the short window below which a ratio says nothing: one failure of three is no burning. */
const leastPerSecond = 0.2;

const route = `job="envoy",envoy_route="${stat}"`;

/** Name of the recorded ratio of a window. */
const errors = (window: string): string => `place_order:errors:ratio_rate${window}`;
const slow = (window: string): string => `place_order:slow:ratio_rate${window}`;
const requests = (window: string): string => `place_order:requests:rate${window}`;

function recorded(window: string): RecordingRule[] {
  const rate = (series: string): string => `sum(rate(${series}[${window}]))`;
  const all = rate(`envoy_vhost_route_upstream_rq_total{${route}}`);
  // The series of a status class begins with its first answer.
  const failed = `(${rate(`envoy_vhost_route_upstream_rq_xx{${route},envoy_response_code_class="5"}`)} or vector(0))`;
  const answered = rate(`envoy_vhost_route_upstream_rq_time_count{${route}}`);
  // Prometheus 3 writes the bound as 500.0
  const inTime = rate(`envoy_vhost_route_upstream_rq_time_bucket{${route},le=~"${latency.ms}(\\\\.0)?"}`);
  return [
    {
      record: requests(window),
      expr: all,
      meaning: `Requests to place an order, per second, over ${window}.`,
    },
    {
      record: errors(window),
      expr: `${failed} / ${all}`,
      meaning: `Share of the requests to place an order that got a 5xx, over ${window}.`,
    },
    {
      record: slow(window),
      expr: `1 - ${inTime} / ${answered}`,
      meaning: `Share of the requests to place an order that took over ${latency.ms} ms, over ${window}.`,
    },
  ];
}

/** What an alert is about: part of its name, what is bad about an order in words, and what such orders are called. */
interface Burnt {
  readonly of: string;
  readonly bad: string;
  readonly allowed: string;
}

const burnt = {
  errors: { of: 'Errors', bad: 'failed', allowed: 'failures' },
  latency: { of: 'Latency', bad: `took over ${latency.ms} ms`, allowed: 'slow orders' },
} as const satisfies Record<string, Burnt>;

/** A window for people: `5 min`. */
const minutes = (window: string): string => window.replace(/m$/, ' min');

function burning(
  { of, bad, allowed }: Burnt,
  ratio: (window: string) => string,
  budget: number,
): AlertingRule[] {
  return burnRates.map(({ name, severity, long, short, factor }) => {
    // What is written is what is compared: no 0.060000000000000005 in a rule.
    const limit = Number((factor * budget).toFixed(6));
    return {
      alert: `PlaceOrder${of}Burns${name}`,
      expr: `${ratio(long)} > ${limit} and ${ratio(short)} > ${limit} and ${requests(short)} > ${leastPerSecond}`,
      for: '0s',
      labels: { severity },
      annotations: {
        summary: `${percentage} of orders in ${minutes(long)} ${bad}: at this rate the ${allowed} allowed in ${periodMinutes} min are used up within ${periodMinutes / factor} min`,
        next: './mesh status, then a trace: ./mesh trace <x-trace-id of a failed or slow answer>',
      },
    };
  });
}

/** Names of the recorded shares of orders that failed, and that took too long, 0 to 1, for dashboards. */
export const recordedRatios = {
  /** Over the time the budget is for. */
  period: { errors: errors(period), slow: slow(period) },
  /** Over the windows of the alerts, shortest first. */
  windows: windows
    .filter((window) => window !== period)
    .map((window) => ({ window, errors: errors(window), slow: slow(window) })),
} as const;

/** Ratios of the objective, and the alerts on them. */
export const objectiveRules: RuleGroup = {
  name: 'objective',
  rules: [
    ...windows.flatMap(recorded),
    ...burning(burnt.errors, errors, 1 - availability),
    ...burning(burnt.latency, slow, 1 - latency.share),
  ],
};
