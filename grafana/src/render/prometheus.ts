/** Asks Prometheus for what a panel shows. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Range, Sampled } from './series.ts';

const answerSchema = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({
        metric: Type.Record(Type.String(), Type.String()),
        values: Type.Array(Type.Tuple([Type.Number(), Type.String()])),
      }),
    ),
  }),
});

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
  const response = await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) }).catch(
    (cause: unknown) => {
      throw new Error(`Prometheus does not answer at ${prometheus}; is the mesh up?`, { cause });
    },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`Prometheus refused ${query}: ${response.status} ${text.slice(0, 300)}`);
  return answered(JSON.parse(text), url).data.result.map(({ metric, values }) => ({
    labels: metric,
    values,
  }));
}

function answered(body: unknown, url: URL): Static<typeof answerSchema> {
  if (Value.Check(answerSchema, body)) return body;
  throw new Error(`${url.origin} answered in another form than Prometheus`);
}
