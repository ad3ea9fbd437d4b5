/**
 * Pages of other origins, in a browser: those of named origins may call the shop and read each answer, refusals included. To
 * all others nothing is said, and their browser keeps answers from them.
 */
import { originHeader, type ServiceName, servedMethods, traceIdHeader } from '@microshop/topology';
import { setHeader } from './headers.ts';
import { type JsonObject, typed } from './json.ts';

const filterName = 'envoy.filters.http.cors';

/** What a page may send beside what every page may, and what it may read of an answer. */
const sent = ['authorization', 'content-type', 'idempotency-key', originHeader];
const read = [traceIdHeader, 'location', 'link', 'retry-after', 'www-authenticate', 'allow'];

/** How long a browser may keep the answer to a preflight, seconds. */
const keptSeconds = 600;

/** Envoy's filter reads its policy from a route to a cluster only. It answers itself, so the cluster gets nothing. */
const unused: ServiceName = 'users';

/**
 * HTTP filters that let those pages read what the gateway answers, whoever made the answer. Envoy's own filter would leave out
 * what a route answers by itself. No cookie goes with a request: the shop has none.
 */
export function readableFor(origins: readonly string[]): readonly JsonObject[] {
  if (origins.length === 0) return [];
  const ifNamed = (value: string): string => `%CEL(${isNamed(origins)} ? ${value} : '')%`;
  return [
    {
      // another filter of its kind tells the trace
      name: 'microshop.cross-origin',
      typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
        mutations: {
          response_mutations: [
            // one that would be empty is left out
            { append: setHeader('access-control-allow-origin', ifNamed("request.headers['origin']")) },
            { append: setHeader('access-control-expose-headers', ifNamed(`'${read.join(', ')}'`)) },
            // so that no cache hands the answer for one page to another
            { append: varyByOrigin },
          ],
        },
      }),
    },
  ];
}

const varyByOrigin: JsonObject = {
  header: { key: 'vary', value: 'origin' },
  append_action: 'APPEND_IF_EXISTS_OR_ADD',
};

/** HTTP filters that answer preflights of those pages, before anybody is asked for a token: browsers send none. */
export function preflightFilters(origins: readonly string[]): readonly JsonObject[] {
  return origins.length === 0
    ? []
    : [{ name: filterName, typed_config: typed('envoy.extensions.filters.http.cors.v3.Cors') }];
}

/** Routes of these preflights. Those of other pages have none, and are refused for their method. */
export function preflightRoutes(origins: readonly string[]): readonly JsonObject[] {
  if (origins.length === 0) return [];
  const anyOf = origins.map((origin) => origin.replaceAll(/[.[\]]/g, '\\$&')).join('|');
  return [
    {
      name: 'preflight',
      match: {
        prefix: '/',
        headers: [
          { name: ':method', string_match: { exact: 'OPTIONS' } },
          { name: 'origin', string_match: { safe_regex: { regex: anyOf } } },
          // an empty one is no preflight for the filter, which would let it through
          { name: 'access-control-request-method', string_match: { safe_regex: { regex: '.+' } } },
        ],
      },
      route: { cluster: unused },
      tracing: { random_sampling: { numerator: 100 }, operation: 'preflight' },
      typed_per_filter_config: {
        [filterName]: typed('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
          allow_origin_string_match: origins.map((exact) => ({ exact })),
          allow_methods: servedMethods.join(', '),
          allow_headers: sent.join(', '),
          max_age: String(keptSeconds),
        }),
      },
    },
  ];
}

/** Expression: whether the request is of a page of those origins. */
function isNamed(origins: readonly string[]): string {
  const list = origins.map((origin) => `'${origin}'`).join(', ');
  return `'origin' in request.headers && request.headers['origin'] in [${list}]`;
}
