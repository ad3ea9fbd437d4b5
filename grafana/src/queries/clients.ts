/** PromQL about clients, as the gateway counts them where it authenticates them. */
import { rate } from './promql.ts';

/** Another filter of its kind limits the head of a request. */
const ofClients = 'envoy_rbac_http_prefix="clients"';

/** Requests that the topology allows, per second. */
export const letIn = `sum(${rate('envoy_http_rbac_allowed', ofClients)})`;

/** Requests that were answered 403, per second. */
export const forbidden = `sum(${rate('envoy_http_rbac_denied', ofClients)})`;

/** Requests that were answered 401, per second. */
export const unauthorized = `sum(${rate('envoy_http_jwt_authn_denied')})`;

/** Requests of one client above its limit, per second; another filter of its kind limits all clients together. */
export const tooMany = `sum(${rate('envoy_http_local_rate_limit_rate_limited', 'envoy_local_http_ratelimit_prefix="client"')})`;

/** Fetches of the keys with which tokens are verified, per second. */
export const keysFetched = `sum(${rate('envoy_http_jwt_authn_jwks_fetch_success')})`;

/** Those that failed, per second: the gateway goes on with the keys that it has. */
export const keysNotFetched = `sum(${rate('envoy_http_jwt_authn_jwks_fetch_failed')})`;
