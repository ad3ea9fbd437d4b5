/** Attempts at each layer of calls, from the counters of the Envoys that make them. */
import { type Address, callEdges, edgeNamed, type Placement, podsOf } from '@microshop/topology';
import { request } from 'undici';

/** Counters of one layer since its Envoys were started. */
export interface LayerCounts {
  /** Attempts made, retries included. */
  readonly attempts: number;
  readonly retries: number;
  /** Attempts that were answered, and not with 5xx. */
  readonly good: number;
}

/** By edge, as `orders → products`; an edge whose Envoy does not answer is left out. */
export type Counts = Readonly<Record<string, LayerCounts>>;

/** One layer in one phase. */
export interface Layer {
  /** The edge, as `orders → products`. */
  readonly layer: string;
  readonly calls: number;
  readonly attempts: number;
  /** `null` without any call. */
  readonly attempts_per_call: number | null;
  /** Share of the attempts that the callee answered, and not with 5xx: the actual success. `null` without any attempt. */
  readonly actual_success: number | null;
}

/** Time an Envoy may take to answer, milliseconds. */
const answerLimitMs = 2000;

/** Reads the counters of every edge. */
export async function readCounts(placement: Placement): Promise<Counts> {
  const layers = callEdges.map(async (edge): Promise<readonly (readonly [string, LayerCounts])[]> => {
    const admins =
      edge.caller === 'gateway'
        ? [placement.gateway.admin]
        : podsOf(placement, edge.caller).map(({ admin }) => admin);
    try {
      const read = await Promise.all(admins.map((admin) => countsAt(admin, edge.callee)));
      const sum = (of: (counts: LayerCounts) => number) => read.reduce((total, one) => total + of(one), 0);
      const counts = {
        attempts: sum(({ attempts }) => attempts),
        retries: sum(({ retries }) => retries),
        good: sum(({ good }) => good),
      };
      return [[edgeNamed(edge), counts]];
    } catch {
      // it is not running at this moment, as in an experiment that kills it
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(layers)).flat());
}

async function countsAt({ host, port }: Address, callee: string): Promise<LayerCounts> {
  const filter = `^cluster\\.${callee}\\.upstream_rq_(completed|retry|[1-5]xx)$`;
  const { statusCode, body } = await request(
    `http://${host}:${port}/stats?filter=${encodeURIComponent(filter)}`,
    { signal: AbortSignal.timeout(answerLimitMs) },
  );
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`Envoy answered ${statusCode}`);
  return countsIn(text);
}

/**
 * The counters in Envoy's own form, a line `cluster.products.upstream_rq_retry: 12` for each. A call is `completed` once, whatever its
 * attempts came to; `total` knows only the attempts that had a connection, and `retry` all, so their difference counts no calls.
 */
export function countsIn(text: string): LayerCounts {
  const values = new Map(
    Array.from(text.matchAll(/\.upstream_rq_(\w+): (\d+)$/gm), ([, name, value]) => [name, Number(value)]),
  );
  const count = (name: string) => values.get(name) ?? 0;
  return {
    attempts: count('completed') + count('retry'),
    retries: count('retry'),
    good: count('2xx') + count('3xx') + count('4xx'),
  };
}

/** Those of the layers named whose attempts are not known, as an Envoy did not answer: a sum or a maximum without them says too little. */
export function uncounted(layers: readonly Pick<Layer, 'layer'>[], names: readonly string[]): string[] {
  return names.filter((name) => !layers.some(({ layer }) => layer === name));
}

/** What was counted between two readings. An Envoy that was started again in between began at zero. */
export function layersBetween(before: Counts, after: Counts): Layer[] {
  return Object.entries(after).flatMap(([layer, now]) => {
    const then = before[layer];
    if (then === undefined) return [];
    const grown = (of: (counts: LayerCounts) => number) =>
      now.attempts >= then.attempts ? of(now) - of(then) : of(now);
    const attempts = grown((counts) => counts.attempts);
    const calls = attempts - grown((counts) => counts.retries);
    const good = grown((counts) => counts.good);
    return [
      {
        layer,
        calls,
        attempts,
        attempts_per_call: calls <= 0 ? null : attempts / calls,
        // an attempt that was under way at the first reading is counted as good, not as an attempt
        actual_success: attempts === 0 ? null : Math.min(1, good / attempts),
      },
    ];
  });
}
