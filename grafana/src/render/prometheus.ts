/** Asks Prometheus for what a panel shows. */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Range, Sampled } from './series.ts';

const matrixSchema = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        values: Type.Array(Type.Tuple([Type.Number(), Type.String()])),
      }),
    ),
  }),
});

const exemplarsSchema = Type.Object({
  data: Type.Array(
    Type.Object({
      exemplars: Type.Array(
        Type.Object({
          labels: Type.Record(Type.String(), Type.String()),
          value: Type.String(),
          // seconds since the epoch
          timestamp: Type.Number(),
        }),
      ),
    }),
  ),
});

const labelsSchema = Type.Object({ data: Type.Array(Type.String()) });

/** Time an answer may take, milliseconds. */
const answerLimitMs = 10_000;

/**
 * The series of a query over a range; `prometheus` is its address. Throws an error that names the address when there is
 * no answer, and Prometheus' own words when it refuses the query.
 */
export async function queryRange(prometheus: string, query: string, range: Range): Promise<Sampled[]> {
  const { startMs, endMs, stepMs } = range;
  const url = new URL('/api/v1/query_range', prometheus);
  url.search = new URLSearchParams({
    query,
    start: String(startMs / 1000),
    end: String(endMs / 1000),
    step: String(stepMs / 1000),
  }).toString();
  const { result } = answered(matrixSchema, await ask(url), url).data;
  return result.map(({ metric, values }) => ({ labels: metric, values }));
}

/** Values of a label on the series that a selector matches in that time. Throws as {@link queryRange} does. */
export async function labelValues(
  prometheus: string,
  { label, selector, range }: { readonly label: string; readonly selector: string; readonly range: Range },
): Promise<string[]> {
  const url = new URL(`/api/v1/label/${label}/values`, prometheus);
  url.search = new URLSearchParams({
    'match[]': selector,
    start: String(range.startMs / 1000),
    end: String(range.endMs / 1000),
  }).toString();
  return answered(labelsSchema, await ask(url), url).data;
}

/** A trace among the values of a query. */
export interface Exemplar {
  readonly atMs: number;
  /** In the unit of the query. */
  readonly value: number;
  readonly traceId: string;
}

/** The traces that are kept for what a query reads. Throws as {@link queryRange} does. */
export async function exemplarsOf(prometheus: string, query: string, range: Range): Promise<Exemplar[]> {
  const url = new URL('/api/v1/query_exemplars', prometheus);
  url.search = new URLSearchParams({
    query,
    start: String(range.startMs / 1000),
    end: String(range.endMs / 1000),
  }).toString();
  const { data } = answered(exemplarsSchema, await ask(url), url);
  return data.flatMap(({ exemplars }) =>
    exemplars.flatMap(({ labels, value, timestamp }): Exemplar[] => {
      const traceId = labels['trace_id'];
      return traceId === undefined ? [] : [{ atMs: timestamp * 1000, value: Number(value), traceId }];
    }),
  );
}

async function ask(url: URL): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) }).catch(
    (cause: unknown) => {
      throw new Error(`Prometheus does not answer at ${url.origin}; is the mesh up?`, { cause });
    },
  );
  const text = await response.text();
  if (!response.ok) {
    const asked = url.searchParams.get('query') ?? url.pathname;
    throw new Error(`Prometheus refused ${asked}: ${response.status} ${text.slice(0, 300)}`);
  }
  return JSON.parse(text);
}

function answered<S extends TSchema>(schema: S, body: unknown, url: URL): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new Error(`${url.origin} answered in another form than Prometheus`);
}
