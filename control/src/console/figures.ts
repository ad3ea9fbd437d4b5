/** What Prometheus counts on each edge of the map: now, and over the last minutes. */
import { compiledBody } from '@microshop/program-kit/compiled-body';
import { requestJson } from '@microshop/program-kit/http-json';
import { attributes, type CallEdge, services } from '@microshop/topology';
import { Type } from 'typebox';
import type { EdgeSeries } from './schemas.ts';

/** Time over which is counted, seconds: four scrapes, so that a fault shows soon and one late scrape leaves no gap. */
export const windowSeconds = 20;

const counted = `[${windowSeconds}s]`;
const label = (name: string) => name.replaceAll('.', '_');
const callees = `envoy_cluster_name=~"${services.map(({ name }) => name).join('|')}"`;
const byEdge = 'sum by (service, envoy_cluster_name)';
const rateOf = (metric: string, matchers: string) => `rate(${metric}{${matchers}}${counted})`;
const p95 = (metric: string, by: string, matchers = '') =>
  `histogram_quantile(0.95, sum by (le, ${by}) (${rateOf(metric, matchers)}))`;

const codeClass = 'envoy_response_code_class';

/**
 * Answers per second. An Envoy has no count of a class of answers before the first of them, of which `rate` knows nothing: a count
 * that was not there when the time began is its own increase, if that Envoy was read then.
 */
function answersOf(calls: string, matchers = calls): string {
  const count = `envoy_cluster_upstream_rq_xx{${matchers}}`;
  const before = `offset ${windowSeconds}s`;
  const wasRead = `envoy_cluster_upstream_rq_total{${calls}} ${before}`;
  const first = `(${count} unless ${count} ${before} and ignoring (${codeClass}) ${wasRead})`;
  return `${byEdge} (${first} / ${windowSeconds} or ${rateOf('envoy_cluster_upstream_rq_xx', matchers)})`;
}

/** Queries about calls between two; each result bears the caller as `service` and the callee as `envoy_cluster_name`. */
export const ofCalls = (matchers: string) => {
  const answers = answersOf(matchers);
  const failures = answersOf(matchers, `${matchers}, ${codeClass}="5"`);
  // `total` knows only the attempts that had a connection
  const calls = `${byEdge} (${rateOf('envoy_cluster_upstream_rq_completed', matchers)})`;
  const retries = `${byEdge} (${rateOf('envoy_cluster_upstream_rq_retry', matchers)})`;
  return {
    rate: answers,
    // there is no count of failures before the first
    failed: `(${failures} or 0 * ${answers}) / ${answers}`,
    p95_ms: p95('envoy_cluster_upstream_rq_time_bucket', 'service, envoy_cluster_name', matchers),
    attempts: `1 + ${retries} / ${calls}`,
  };
};

const queue = 'messaging_destination_subscription_name';

/** What is counted for the map. */
const queries = {
  ...ofCalls(callees),
  ejected: `${byEdge} (envoy_cluster_membership_total{${callees}} - envoy_cluster_membership_healthy{${callees}})`,
  published: `sum by (service_name) (${rateOf('shop_relay_events_total', '')})`,
  consumed: `sum by (${queue}) (${rateOf('shop_consumer_messages_total', '')})`,
  lag: p95('shop_consumer_lag_seconds_bucket', queue),
  statements: `sum by (service_name) (${rateOf('db_client_operation_duration_seconds_count', '')})`,
  statementTime: p95('db_client_operation_duration_seconds_bucket', 'service_name'),
  lookups: `sum by (service_name) (${rateOf('shop_cache_lookups_total', '')})`,
  breakers: `max by (${label(attributes.caller)}, ${label(attributes.peer)}) (${label(attributes.breakerState)})`,
} as const;

/** Name of a figure of the map. */
export type FigureName = keyof typeof queries;

/** Labels of a figure, and its value; `null` where nothing was counted. */
interface Figure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
}

/** The figures of the map by their names; one that is missing was not counted. */
export type Figures = ReadonlyMap<string, readonly Figure[]>;

/** Prometheus writes what is divided by nothing as text. */
function numberOf(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

const labelsSchema = Type.Record(Type.String(), Type.String());
const sampleSchema = Type.Tuple([Type.Number(), Type.String()]);
const expectVector = compiledBody(
  Type.Object({
    data: Type.Object({ result: Type.Array(Type.Object({ metric: labelsSchema, value: sampleSchema })) }),
  }),
);
const expectMatrix = compiledBody(
  Type.Object({
    data: Type.Object({ result: Type.Array(Type.Object({ values: Type.Array(sampleSchema) })) }),
  }),
);

/** Time Prometheus may take, milliseconds: the map is to say soon that it does not answer. */
const limitMs = 2000;

/** Label that tells the figures of the one query apart. */
const figureLabel = 'figure';

/** All of them in one query: a question for each costs this service more than its answer is worth. */
const everyFigure = Object.entries(queries)
  .map(([name, query]) => `label_replace(${query}, "${figureLabel}", "${name}", "", "")`)
  .join(' or ');

/** Reads all figures as of one moment, milliseconds since the epoch. Throws `UnreachableError` when Prometheus does not answer. */
export async function readFigures(prometheus: string, at: number): Promise<Figures> {
  const asked = new URLSearchParams({ query: everyFigure, time: String(at / 1000) });
  const { body } = await requestJson('prometheus', 'GET', `${prometheus}/api/v1/query?${asked}`, { limitMs });
  const { result } = expectVector(body, 'prometheus').data;
  const figures = result.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
  return Map.groupBy(figures, ({ labels }) => labels[figureLabel] ?? '');
}

/** The value of the figure that bears these labels; `null` when there is none. */
export function figureOf(
  figures: Figures,
  name: FigureName,
  labels: Readonly<Record<string, string>>,
): number | null {
  const found = figures
    .get(name)
    ?.find((figure) => Object.entries(labels).every(([key, value]) => figure.labels[key] === value));
  return found?.value ?? null;
}

/** Labels of the calls over an edge. */
export function callLabels({
  caller,
  callee,
}: {
  caller: string;
  callee: string;
}): Readonly<Record<string, string>> {
  return { service: caller, envoy_cluster_name: callee };
}

/** Labels of the breaker around them. */
export function breakerLabels({
  caller,
  callee,
}: {
  caller: string;
  callee: string;
}): Readonly<Record<string, string>> {
  return { [label(attributes.caller)]: caller, [label(attributes.peer)]: callee };
}

/** Label of the queue in figures of consumers. */
export const queueLabel = queue;

/** Seconds between two values of a series: one scrape. */
const stepSeconds = 5;

/** The figures of an edge over the last `minutes`. Throws `UnreachableError` when Prometheus does not answer. */
export async function readSeries(prometheus: string, edge: CallEdge, minutes: number): Promise<EdgeSeries> {
  // whole steps, so that two reads have the same times
  const end = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
  const start = end - minutes * 60;
  const seconds = Array.from(
    { length: (end - start) / stepSeconds + 1 },
    (_, index) => start + index * stepSeconds,
  );
  const read = async (query: string): Promise<(number | null)[]> => {
    const asked = new URLSearchParams({
      query,
      start: String(start),
      end: String(end),
      step: String(stepSeconds),
    });
    const { body } = await requestJson('prometheus', 'GET', `${prometheus}/api/v1/query_range?${asked}`, {
      limitMs,
    });
    const [series] = expectMatrix(body, 'prometheus').data.result;
    const values = new Map(series?.values.map(([time, value]) => [time, numberOf(value)]));
    return seconds.map((time) => values.get(time) ?? null);
  };
  const of = ofCalls(`service="${edge.caller}", envoy_cluster_name="${edge.callee}"`);
  const [rate, failed, p95_ms, attempts] = await Promise.all([
    read(of.rate),
    read(of.failed),
    read(of.p95_ms),
    read(of.attempts),
  ]);
  return { times: seconds.map((time) => time * 1000), rate, failed, p95_ms, attempts };
}
