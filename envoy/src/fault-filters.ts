/**
 * Where faults come in: filters and routes of an inbound listener that do nothing until a runtime key is set. They stand
 * at the callee, so that the caller's tries, time limits and breaker meet them as they would meet the real thing.
 */
import {
  callerHeader,
  callersOf,
  faultFields,
  type Identity,
  labOrigin,
  originHeader,
  problemMediaType,
  problemTitles,
  problemType,
  type ServiceName,
} from '@microshop/topology';
import { replaceAnswerKey, slowAnswerKey } from './fault.ts';
import { setHeader } from './headers.ts';
import { type JsonObject, typed } from './json.ts';
import { retryAfterSeconds } from './limits.ts';

/** Header by which Envoy's fault filter tells callers apart, in its runtime keys and in its counters. */
const downstreamHeader = 'x-envoy-downstream-service-cluster';

/** Header of an answer that a fault has replaced. */
export const faultHeader = 'x-mesh-fault';

const faultFilter = 'envoy.filters.http.fault';
const luaFilter = 'envoy.filters.http.lua';

/** Filters of the inbound listener of a service, in front of the router. */
export function faultFilters(service: ServiceName): readonly JsonObject[] {
  return [nameCaller(), injectFaults(service), replaceAnswers(service)];
}

/** Overwrites the header with the caller as its own Envoy named it. */
function nameCaller(): JsonObject {
  return {
    name: 'envoy.filters.http.header_mutation.caller',
    typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: { request_mutations: [{ append: setHeader(downstreamHeader, `%REQ(${callerHeader})%`) }] },
    }),
  };
}

/** A fault is set for the shop's traffic; what the lab itself asks does not meet it. */
const notOfTheLab: JsonObject = {
  name: originHeader,
  string_match: { exact: labOrigin },
  invert_match: true,
  // without this a request that does not have the header would not match, either
  treat_missing_header_as_empty: true,
};

/** Aborts and delays. Only callers the topology names: each one makes keys and counters of its own. */
function injectFaults(service: ServiceName): JsonObject {
  return {
    name: faultFilter,
    typed_config: httpFault(service),
  };
}

/** What the filter does; `more` only on some routes. */
function httpFault(service: ServiceName, more: JsonObject = {}): JsonObject {
  return typed('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    headers: [
      { name: callerHeader, string_match: { safe_regex: { regex: callersOf(service).join('|') } } },
      notOfTheLab,
    ],
    // Both need values to exist; the runtime keys overrule them.
    abort: { http_status: 503, percentage: { numerator: 0 } },
    delay: { fixed_delay: '1s', percentage: { numerator: 0 } },
    ...more,
  });
}

/** Switched on by the routes of {@link withFaults} alone. */
function replaceAnswers(service: ServiceName): JsonObject {
  return {
    name: luaFilter,
    disabled: true,
    typed_config: typed('envoy.extensions.filters.http.lua.v3.Lua', {
      default_source_code: { inline_string: replaceAnswerScript(service) },
    }),
  };
}

/** The service has done its work by then; what its caller sees is what a broken connection right after it would leave. */
function replaceAnswerScript(service: ServiceName): string {
  const code = 'dependency_unavailable';
  const problem = (instance: string, traceId: string) =>
    `'{"type":"${problemType(code)}","title":"${problemTitles[code]}","status":503,` +
    `"detail":"A fault replaced the answer of ${service}","instance":"' .. ${instance} .. '",` +
    `"code":"${code}","trace_id":"' .. ${traceId} .. '","dependency":"${service}"}'`;
  return [
    'function envoy_on_request(handle)',
    '  local path = handle:headers():get(":path"):match("^[^?\\"\\\\]*")',
    `  handle:streamInfo():dynamicMetadata():set("${luaFilter}", "path", path)`,
    'end',
    'function envoy_on_response(handle)',
    `  local path = handle:streamInfo():dynamicMetadata():get("${luaFilter}")["path"]`,
    '  local body = handle:body(true)',
    // only now: references fetched earlier are invalid after the wait for the body
    '  local headers = handle:headers()',
    `  local problem = ${problem('path', '(headers:get("x-trace-id") or "")')}`,
    '  body:setBytes(problem)',
    '  headers:replace(":status", "503")',
    `  headers:replace("content-type", "${problemMediaType}")`,
    `  headers:replace("retry-after", "${retryAfterSeconds}")`,
    `  headers:replace("${faultHeader}", "answer-replaced")`,
    'end',
    '',
  ].join('\n');
}

/** The routes, each with two before it per caller: to them go as many calls as a runtime key says, and their answers are replaced, or slow. */
export function withFaults(service: ServiceName, routes: readonly JsonObject[]): readonly JsonObject[] {
  return routes.flatMap((route) => [
    ...callersOf(service).flatMap((caller) => [replacing(caller, route), slowing(service, caller, route)]),
    { ...route, request_headers_to_remove: [downstreamHeader] },
  ]);
}

/** A route that no fault is drawn for. */
export function withoutFaults(route: JsonObject): JsonObject {
  return {
    ...route,
    request_headers_to_remove: [downstreamHeader],
    typed_per_filter_config: {
      [faultFilter]: typed('envoy.config.route.v3.FilterConfig', { disabled: true }),
    },
  };
}

/** `stat_prefix` of the route whose answers to a caller are replaced: Envoy counts its requests. */
export function replacedPrefix(caller: Identity): string {
  return `replaced_${caller}`;
}

/** `stat_prefix` of the route whose answers to a caller are slow. */
export function slowedPrefix(caller: Identity): string {
  return `slowed_${caller}`;
}

function replacing(caller: Identity, route: JsonObject): JsonObject {
  return {
    ...drawn(caller, route, replaceAnswerKey(caller)),
    stat_prefix: replacedPrefix(caller),
    typed_per_filter_config: { [luaFilter]: typed('envoy.config.route.v3.FilterConfig', { config: {} }) },
  };
}

/** Envoy has no runtime key for the limit, and one counter for all callers: so a route for it, which stands in for the filter's own settings. */
function slowing(service: ServiceName, caller: Identity, route: JsonObject): JsonObject {
  return {
    ...drawn(caller, route, slowAnswerKey(caller)),
    stat_prefix: slowedPrefix(caller),
    typed_per_filter_config: {
      [faultFilter]: httpFault(service, {
        response_rate_limit: {
          fixed_limit: { limit_kbps: faultFields.slow_answer.only },
          percentage: { numerator: 100 },
        },
      }),
    },
  };
}

/** The route for as many calls of that caller as the runtime key says. */
function drawn(caller: Identity, route: JsonObject, key: string): JsonObject {
  const match = route['match'];
  const path = typeof match === 'object' && match !== null && !Array.isArray(match) ? match : {};
  return {
    ...route,
    match: {
      ...path,
      headers: [{ name: callerHeader, string_match: { exact: caller } }, notOfTheLab],
      runtime_fraction: { default_value: { numerator: 0 }, runtime_key: key },
    },
    request_headers_to_remove: [downstreamHeader],
  };
}
