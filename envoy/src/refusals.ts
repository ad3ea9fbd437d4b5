/** What the gateway refuses by itself, before any service sees it. Each is answered with a problem (`local-reply.ts`). */
import { maxBodyBytes, requestHeadLimits, servedMethods } from '@microshop/topology';
import { setHeader } from './headers.ts';
import { type JsonObject, typed } from './json.ts';

/** A host name or address with or without a port; anything else is 400, two of them included. */
export const hostPattern = '[A-Za-z0-9._~%:\\[\\]-]+';

/**
 * Headers at the limit's filter that are no header lines of the client: `:method`, `:path`, `:scheme`, and what Envoy has
 * added by then (`x-forwarded-for`, `x-forwarded-proto`, `x-request-id`, `x-trace-id`, and whether the client is internal).
 */
const addedHeaders = 8;

/** Routes in front of all others. Their spans are named by the route alone, as the method is the client's word. */
export function refusals(): readonly JsonObject[] {
  return [
    refusedMethod({ safe_regex: { regex: '.*' } }, servedMethods),
    // has no path; where there is a route that matches it Envoy refuses it as an upgrade, before there is a span
    refused('connect', { connect_matcher: {} }, 403),
    refused('host', { prefix: '/', headers: [unlike(':authority', hostPattern)] }, 400),
    // Envoy itself answers `100-continue` and takes it out
    refused('expectation', { prefix: '/', headers: [{ name: 'expect', present_match: true }] }, 417),
    refused('body', { prefix: '/', headers: [{ name: 'content-length', range_match: tooLong }] }, 413),
  ];
}

/** Lengths that are refused as they are announced; bodies that come in chunks are measured. */
const tooLong = { start: maxBodyBytes + 1, end: String(2n ** 63n - 1n) } as const;

/** Route of what matches and has none of those methods: it answers with their names. */
export function refusedMethod(
  { headers = [], ...match }: RouteMatch,
  methods: readonly string[],
  filters: JsonObject = {},
): JsonObject {
  const others = { ...match, headers: [unlike(':method', methods.join('|')), ...headers] };
  return {
    ...refused('method', others, 405, filters),
    response_headers_to_add: [setHeader('allow', methods.join(', '))],
  };
}

/** What a route matches, by its path and by headers. */
interface RouteMatch {
  readonly safe_regex: { readonly regex: string };
  readonly headers?: readonly JsonObject[];
}

/** Route that answers by itself, at once: whatever of the body is still to come. Filters may have settings there. */
export function answered(
  name: string,
  match: JsonObject,
  status: number,
  filters: JsonObject = {},
): JsonObject {
  return {
    name,
    match,
    direct_response: { status },
    typed_per_filter_config: {
      [bodyFilter]: typed('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { disabled: true }),
      ...filters,
    },
  };
}

function refused(what: string, match: JsonObject, status: number, filters?: JsonObject): JsonObject {
  return {
    ...answered(`refused ${what}`, match, status, filters),
    tracing: { random_sampling: { numerator: 100 }, operation: `refused ${what}` },
  };
}

/** Matches a header whose whole value does not fit the expression, an absent one included. */
export function unlike(name: string, regex: string): JsonObject {
  return {
    name,
    string_match: { safe_regex: { regex } },
    invert_match: true,
    treat_missing_header_as_empty: true,
  };
}

const bodyFilter = 'envoy.filters.http.buffer';

/**
 * HTTP filter that takes in the whole body before a service sees the request, and answers 413 when it is too large. The
 * bodies are small, so this costs little and keeps slow senders away from the services. Answers still stream.
 */
export function bodyLimit(): JsonObject {
  return {
    name: bodyFilter,
    typed_config: typed('envoy.extensions.filters.http.buffer.v3.Buffer', {
      max_request_bytes: maxBodyBytes,
    }),
  };
}

/** HTTP filter that refuses a head that is too large with 403, which becomes 431. */
export function headLimit(): JsonObject {
  const attribute = (name: string): JsonObject => ({
    select_expr: { operand: { ident_expr: { name: 'request' } }, field: name },
  });
  const above = (left: JsonObject, limit: number): JsonObject => ({
    call_expr: { function: '_>_', args: [left, { const_expr: { int64_value: limit } }] },
  });
  const count = { call_expr: { function: 'size', args: [attribute('headers')] } };
  const policy = (condition: JsonObject): JsonObject => ({
    permissions: [{ any: true }],
    principals: [{ any: true }],
    condition,
  });
  return {
    name: 'envoy.filters.http.rbac',
    typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
      rules: {
        action: 'DENY',
        policies: {
          too_many_headers: policy(above(count, requestHeadLimits.headers + addedHeaders)),
          // no byte of the body has arrived yet
          headers_too_large: policy(above(attribute('total_size'), requestHeadLimits.bytes)),
        },
      },
    }),
  };
}
