/** Questions to the mesh's own Prometheus. */
import { type DashboardQuery, metricsOf } from '@microshop/grafana';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from './mesh.ts';

/** How far back a query looks, seconds; longer than one file of tests takes. */
const windowSeconds = 600;

/** Pause between two times that many queries are asked, milliseconds: they change with a scrape, every 5 s. */
const pauseMs = 500;

/** Distance of two points, seconds: k6's series end with its run, some seconds after they began. */
const stepSeconds = 1;

/** The time from `sinceMs` until now, as parameters of a question; the last minutes when it is absent. */
function timeFrom(sinceMs?: number): { start: string; end: string } {
  const end = Date.now() / 1000;
  return { start: String(sinceMs === undefined ? end - windowSeconds : sinceMs / 1000), end: String(end) };
}

/** The data of an answer. Throws when Prometheus refuses the question. */
export async function askPrometheus<Data>(
  path: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Data> {
  const url = new URL(path, mesh.prometheus);
  url.search = new URLSearchParams(params).toString();
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  const { data }: { data: Data } = JSON.parse(text);
  return data;
}

/**
 * The finite values of a query since then (milliseconds since the epoch; the last minutes when absent), of all its
 * series; `NaN` is what 0 of 0 is.
 */
export async function valuesOf(expr: string, sinceMs?: number): Promise<number[]> {
  interface Matrix {
    readonly result: readonly { readonly values: readonly (readonly [number, string])[] }[];
  }
  const { result } = await askPrometheus<Matrix>('/api/v1/query_range', {
    query: expr,
    step: `${stepSeconds}s`,
    ...timeFrom(sinceMs),
  });
  return result.flatMap(({ values }) => values.map(([, value]) => Number(value))).filter(Number.isFinite);
}

/** The one value of a query now; 0 when there is none. Throws when it has several. */
export function valueNow(expr: string): Promise<number> {
  return valueAt(expr, Date.now());
}

/** The one value of a query then, milliseconds since the epoch; 0 when there is none. Throws when it has several. */
export async function valueAt(expr: string, at: number): Promise<number> {
  interface Vector {
    readonly result: readonly { readonly value: readonly [number, string] }[];
  }
  const { result } = await askPrometheus<Vector>('/api/v1/query', {
    query: expr,
    time: String(at / 1000),
  });
  if (result.length > 1) throw new Error(`${expr} has ${result.length} values`);
  return Number(result[0]?.value[1] ?? 0);
}

/** What is wrong with a query, or `undefined` when it returns data. */
async function problemOf(query: DashboardQuery, sinceMs: number): Promise<string | undefined> {
  // `a or b` has data when either has: each metric is looked for by itself as well
  for (const metric of metricsOf(query.expr)) {
    if ((await valuesOf(`count(${metric})`, sinceMs)).length === 0) return `there is no metric ${metric}`;
  }
  if (query.labelValuesOf === undefined) {
    return (await valuesOf(query.expr, sinceMs)).length > 0 ? undefined : 'no data';
  }
  const labels = await askPrometheus<string[]>(`/api/v1/label/${query.labelValuesOf}/values`, {
    'match[]': query.expr,
    ...timeFrom(sinceMs),
  });
  return labels.length > 0 ? undefined : `no value of the label ${query.labelValuesOf}`;
}

/**
 * The queries that return no data from `sinceMs` (milliseconds since the epoch) until the deadline is over, as `name:
 * what is wrong`; none when all do.
 */
export async function silentQueries(
  queries: readonly DashboardQuery[],
  sinceMs: number,
  deadlineMs: number,
): Promise<string[]> {
  let silent: { query: DashboardQuery; problem: string }[] = queries.map((query) => ({
    query,
    problem: 'not asked yet',
  }));
  await eventuallyDespiteErrors(
    'every query returns data',
    async () => {
      const asked = await Promise.all(
        silent.map(async ({ query }) => {
          const problem = await problemOf(query, sinceMs).catch((error: unknown) => String(error));
          return problem === undefined ? [] : [{ query, problem }];
        }),
      );
      silent = asked.flat();
      return silent.length === 0 ? true : undefined;
    },
    deadlineMs,
    pauseMs,
  ).catch((error: unknown) => {
    // the deadline is no failure here: the answer says which
    if (silent.length === 0) throw error;
  });
  return silent.map(({ query, problem }) => `${query.name}: ${problem}`);
}
