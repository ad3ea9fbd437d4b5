/** Traces that went over an edge in the last minutes, out of Jaeger: the slowest, and those whose call failed. */
import { attributes, type CallEdge } from '@microshop/topology';
import { searchTraces } from '../trace/jaeger.ts';
import type { Span } from '../trace/span.ts';
import type { EdgeTrace } from './schemas.ts';

/** How far back is looked, and through how many of the youngest traces: each is read whole. */
const lookback = '5m';
const looked = 40;

/** Traces that are named, of each kind. */
const named = 5;

/**
 * Statuses of calls that failed, which are looked for by themselves: among many calls the failed ones are not the youngest.
 * Jaeger's own search for errors asks for the status of a span, and Envoy writes a tag.
 */
const failures = ['503', '504'];

/** Envoy that makes the calls of that caller. */
const envoyOf = (caller: string) => (caller === 'gateway' ? 'gateway' : `${caller}-sidecar`);

function traceOf(spans: readonly Span[], { caller, callee }: CallEdge): EdgeTrace | undefined {
  const over = spans.filter(
    ({ service, attributes: known }) => service === envoyOf(caller) && known[attributes.peer] === callee,
  );
  const longest = over.toSorted((one, other) => other.duration_us - one.duration_us)[0];
  if (longest === undefined) return undefined;
  const order = spans.map((span) => Number(span.attributes[attributes.orderId])).find(Number.isInteger);
  return {
    trace_id: longest.trace_id,
    at: Math.round(Math.min(...spans.map((span) => span.start_us)) / 1000),
    took_ms: longest.duration_us / 1000,
    failed: over.some(({ error }) => error),
    order_id: order ?? null,
  };
}

/** Throws `UnreachableError` when Jaeger does not answer. */
export async function readEdgeTraces(
  jaeger: string,
  edge: CallEdge,
): Promise<{ readonly slowest: EdgeTrace[]; readonly failed: EdgeTrace[] }> {
  const search = async (tags: Readonly<Record<string, string>>) => {
    const found = await searchTraces(
      jaeger,
      new URLSearchParams({
        service: envoyOf(edge.caller),
        tags: JSON.stringify({ [attributes.peer]: edge.callee, ...tags }),
        limit: String(looked),
        lookback,
      }),
    );
    return found.flatMap((spans) => traceOf(spans, edge) ?? []);
  };
  const [all, ...others] = await Promise.all([
    search({}),
    ...failures.map((status) => search({ 'http.status_code': status })),
  ]);
  const failed = new Map(
    [...all, ...others.flat()].filter((trace) => trace.failed).map((trace) => [trace.trace_id, trace]),
  );
  return {
    slowest: all.toSorted((one, other) => other.took_ms - one.took_ms).slice(0, named),
    failed: [...failed.values()].toSorted((one, other) => other.at - one.at).slice(0, named),
  };
}
