/**
 * The gateway's limits on the requests of one client: what is above is answered 429 `overloaded`, and leaves the others alone. A
 * client is a user, else an address; what hashes passwords is counted by address, whoever asks for it.
 */
import { clientRateLimits, type Role, serviceNamed, subjectHeaders } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

/** Refills of a bucket in a second. */
const refillsPerSecond = 10;

const fillInterval = `${1 / refillsPerSecond}s`;

const customer: Role = 'customer';
const admin: Role = 'admin';

/** Stands for the role of who has not logged in. */
const nobody = 'nobody';

/** Where accounts are made and people log in, by `POST`. */
const { route: accounts } = serviceNamed('users');

/** The address of a client, as an entry of a descriptor: of IPv6 the network, as a client may use every address in it. */
const addressEntry = 'masked_remote_address';
const byAddress: JsonObject = { [addressEntry]: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } };

/** HTTP filter with a bucket for each client. How many it refused is `client.http_local_rate_limit.rate_limited`. */
export function clientRateLimit(): JsonObject {
  const { user, address, passwords, mostClients } = clientRateLimits;
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
            byAddress,
          ],
        },
        {
          actions: [
            {
              header_value_match: {
                descriptor_key: 'work',
                descriptor_value: 'password',
                headers: [
                  { name: ':method', string_match: { exact: 'POST' } },
                  // no expression: it would not match a query that is no UTF-8
                  { name: ':path', string_match: { prefix: accounts } },
                  {
                    name: subjectHeaders.role,
                    string_match: { exact: admin },
                    invert_match: true,
                    treat_missing_header_as_empty: true,
                  },
                ],
              },
            },
            byAddress,
          ],
        },
      ],
      // an entry without a value is a bucket for each value
      descriptors: [
        { entries: [{ key: 'role', value: customer }, { key: 'user' }], token_bucket: bucket(user) },
        {
          entries: [{ key: 'role', value: nobody }, { key: addressEntry }],
          token_bucket: bucket(address),
        },
        {
          entries: [{ key: 'work', value: 'password' }, { key: addressEntry }],
          token_bucket: bucket(passwords),
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
