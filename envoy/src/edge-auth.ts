/**
 * Who a client is, and what it may do, at the gateway: a token is verified with the keys that users publishes, services get whom it
 * is about in headers of the gateway's own, and each operation takes the callers that the topology allows.
 */
import {
  type Access,
  type CallPolicy,
  callerHeader,
  type Operation,
  operations,
  type Placement,
  publicKeys,
  type Role,
  services,
  subjectHeaders,
  tokens,
} from '@microshop/topology';
import { serviceCluster } from './clusters.ts';
import { setHeader } from './headers.ts';
import { type JsonObject, typed } from './json.ts';
import { pathPattern } from './paths.ts';

const provider = 'users';

const tokenFilter = 'envoy.filters.http.jwt_authn';

/** Another filter of its kind limits the head of a request. */
const clientsFilter = 'microshop.clients';

/** Name of the requirement that a token is valid, if there is one. */
const ifThereIsOne = 'if-there-is-one';

/**
 * Valid tokens that the gateway remembers, those that were shown last, so that their signatures are verified once. A client shows
 * the same one with every request, a noisy one with those that are refused, too.
 */
const rememberedTokens = 1000;

/** The scheme of `authorization` as clients write it: its case means nothing (RFC 9110, 11.1), but Envoy compares it. */
const schemes = ['Bearer', 'bearer', 'BEARER'] as const;

/** Cluster of the gateway through which it asks for the keys. */
const keysCluster = 'signing-keys';

/** A request for the keys is no part of a client's request: a trace that nobody records. */
const unrecorded = `00-${'1'.padStart(32, '0')}-${'1'.padStart(16, '0')}-00`;

/**
 * HTTP filter that verifies tokens. An invalid one is answered 401 whatever it was sent for, so that nobody takes
 * its own for good; without one an operation for everybody is let through. A token goes no further than this.
 */
export function verifyTokens(): JsonObject {
  return {
    name: tokenFilter,
    typed_config: typed('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
      providers: { [provider]: tokenProvider() },
      requirement_map: {
        [ifThereIsOne]: {
          requires_any: { requirements: [{ provider_name: provider }, { allow_missing: {} }] },
        },
      },
      // the first that matches counts
      rules: [
        ...operationsOf('everybody').map((one) => ({
          match: { safe_regex: { regex: pathPattern(one.path) }, headers: [methodOf(one)] },
          requirement_name: ifThereIsOne,
        })),
        ...services.map(({ route }) => ({
          match: { path_separated_prefix: route },
          requires: { provider_name: provider },
        })),
        { match: { prefix: '/' }, requirement_name: ifThereIsOne },
      ],
    }),
  };
}

function tokenProvider(): JsonObject {
  return {
    issuer: tokens.issuer,
    require_expiration: true,
    clock_skew_seconds: tokens.clockSkewSeconds,
    // in a query it would stand in logs and histories of browsers
    from_headers: schemes.map((scheme) => ({ name: 'authorization', value_prefix: `${scheme} ` })),
    forward: false,
    // issuer and end are looked at each time, with the skew above
    jwt_cache_config: { jwt_cache_size: rememberedTokens },
    claim_to_headers: [
      { header_name: subjectHeaders.user, claim_name: 'sub' },
      { header_name: subjectHeaders.role, claim_name: tokens.roleClaim },
    ],
    remote_jwks: {
      http_uri: {
        uri: `https://${publicKeys.service}${publicKeys.path}`,
        cluster: keysCluster,
        timeout: '2s',
      },
      cache_duration: `${publicKeys.cacheSeconds}s`,
      // Fetched ahead, and not in a client's time. Envoy keeps what it has until an answer replaces it.
      async_fetch: {},
    },
  };
}

/** HTTP filter that lets a request through when the topology gives its operation to whom it is from; others get 403. */
export function authorizeClients(): JsonObject {
  const admin: Role = 'admin';
  const anybody = [{ any: true }];
  const rules: Readonly<Record<Access, JsonObject>> = {
    everybody: {
      permissions: [...operationsOf('everybody').map(permission), { not_rule: { url_path: ofServices } }],
      principals: anybody,
    },
    own: {
      permissions: operationsOf('own').map(permission),
      principals: [{ header: { name: subjectHeaders.user, present_match: true } }],
    },
    admin: {
      permissions: anybody,
      principals: [{ header: { name: subjectHeaders.role, string_match: { exact: admin } } }],
    },
  };
  return {
    name: clientsFilter,
    typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
      rules_stat_prefix: 'clients',
      rules: { action: 'ALLOW', policies: rules },
    }),
  };
}

/**
 * Settings of a route that says the same to everybody, and asks no service: both filters let its requests through. An invalid
 * token is refused there, too.
 */
export function askingForNoToken(): JsonObject {
  return {
    [tokenFilter]: typed('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', {
      requirement_name: ifThereIsOne,
    }),
    // without rules of its own it has none
    [clientsFilter]: typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute'),
  };
}

/**
 * The cluster for the keys: users' pods over mutual TLS, as for any call of the gateway. What Envoy asks by itself passes no
 * route, so the cluster says who calls.
 */
export function signingKeysCluster(placement: Placement, policy: CallPolicy): JsonObject {
  return serviceCluster(placement, publicKeys.service, 'gateway', policy, {
    name: keysCluster,
    filters: [
      {
        name: 'envoy.filters.http.header_mutation',
        typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
          mutations: {
            request_mutations: [
              { append: setHeader(callerHeader, 'gateway') },
              { append: setHeader('traceparent', unrecorded) },
            ],
          },
        }),
      },
      {
        name: 'envoy.filters.http.upstream_codec',
        typed_config: typed('envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'),
      },
    ],
  });
}

function operationsOf(access: Access): readonly Operation[] {
  return operations.filter((one) => one.access === access);
}

/** Paths below those of the services. */
const ofServices: JsonObject = {
  path: { safe_regex: { regex: `(${services.map(({ route }) => route).join('|')})(/.*)?` } },
};

/** Matches the method of an operation; what can be read can be asked for its headers alone. */
function methodOf({ method }: Operation): JsonObject {
  return {
    name: ':method',
    string_match: method === 'GET' ? { safe_regex: { regex: 'GET|HEAD' } } : { exact: method },
  };
}

function permission(operation: Operation): JsonObject {
  return {
    and_rules: {
      rules: [
        { url_path: { path: { safe_regex: { regex: pathPattern(operation.path) } } } },
        { header: methodOf(operation) },
      ],
    },
  };
}
