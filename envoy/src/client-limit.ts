/**
 * The gateway's limit on the requests of one client: what is above is answered 429 `overloaded`, and leaves the others alone. A
 * client is a user, else an address.
 */
import { clientRateLimits, type Role, subjectHeaders } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/** Refills of a bucket in a second. */
const refillsPerSecond = 10;

const fillInterval = `${1 / refillsPerSecond}s`;

const customer: Role = 'customer';

/** Stands for the role of who has not logged in. */
const nobody = 'nobody';

/** HTTP filter with a bucket for each client. How many it refused is `client.http_local_rate_limit.rate_limited`. */
export function clientRateLimit(): JsonObject {
  const { user, address, mostClients } = clientRateLimits;
  return {
    // another filter of its kind limits all clients together
    name: 'microshop.client-limit',
    typed_config: typed('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
      stat_prefix: 'client',
      // of who is none of those below: an admin
      token_bucket: bucket({ perSecond: 1_000_000, burst: 1_000_000 }),
      always_consume_default_token_bucket: false,
      rate_limits: [
        {
          actions: [
            {
              header_value_match: {
                descriptor_key: 'role',
                descriptor_value: customer,
                headers: [{ name: subjectHeaders.role, string_match: { exact: customer } }],
              },
            },
            { request_headers: { header_name: subjectHeaders.user, descriptor_key: 'user' } },
          ],
        },
        {
          actions: [
            {
              header_value_match: {
                descriptor_key: 'role',
                descriptor_value: nobody,
                expect_match: false,
                headers: [{ name: subjectHeaders.user, present_match: true }],
              },
            },
            { remote_address: {} },
          ],
        },
      ],
      // an entry without a value is a bucket for each value
      descriptors: [
        { entries: [{ key: 'role', value: customer }, { key: 'user' }], token_bucket: bucket(user) },
        {
          entries: [{ key: 'role', value: nobody }, { key: 'remote_address' }],
          token_bucket: bucket(address),
        },
      ],
      max_dynamic_descriptors: mostClients,
      filter_enabled: { default_value: all },
      filter_enforced: { default_value: all },
    }),
  };
}

function bucket({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }): JsonObject {
  return {
    max_tokens: burst,
    tokens_per_fill: perSecond / refillsPerSecond,
    fill_interval: fillInterval,
  };
}

const all: JsonObject = { numerator: 100, denominator: 'HUNDRED' };
