/** Changes to headers, in the shapes Envoy's filters take. */
import { drainHeader, noTraceId, traceIdHeader, unseenHeader } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/** Headers of answers by which a callee's pod speaks to its caller's Envoy; nobody behind that one gets them. */
export const betweenEnvoys = [unseenHeader, drainHeader] as const;

/** Sets a header, whatever it was before. */
export function setHeader(key: string, value: string): JsonObject {
  return { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}

/**
 * Changes a request before anything else reads it, the tracer included: removes headers (a trailing `*` removes by
 * prefix), and says that there is no trace yet.
 */
export function beforeTracing(remove: readonly string[]): JsonObject {
  const removals = remove.map(
    (name): JsonObject =>
      name.endsWith('*')
        ? { remove_on_match: { key_matcher: { prefix: name.slice(0, -1) } } }
        : { remove: name },
  );
  return {
    name: 'envoy.http.early_header_mutation.header_mutation',
    typed_config: typed('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
      mutations: [...removals, { append: setHeader(traceIdHeader, noTraceId) }],
    }),
  };
}

/**
 * HTTP filter that tells the trace in every answer that passes the filters, Envoy's own included. The request gets the
 * header too: local replies cannot read the trace itself, only request headers.
 */
export function tellTrace(): JsonObject {
  const mutations = [{ append: setHeader(traceIdHeader, '%TRACE_ID%') }];
  return {
    name: 'envoy.filters.http.header_mutation',
    typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: { request_mutations: mutations, response_mutations: mutations },
    }),
  };
}
