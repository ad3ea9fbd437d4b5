/** What the retry policies of the gateway and of the sidecars share. */
import { type CallPolicy, unseenConditions, unseenHeader } from '@microshop/topology';
import { duration, type JsonObject } from './json.ts';

/** A retry goes to another replica where there is one; with a single one it goes there again. */
const otherReplica: JsonObject = {
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  host_selection_retry_max_attempts: 3,
};

/** The same for requests that may be sent again only where no app has seen them. */
export function retryUnseen(policy: CallPolicy): JsonObject {
  const retryOn = policy.retryOn
    .split(',')
    .filter((condition) => unseenConditions.some((unseen) => unseen === condition))
    .join(',');
  return retryPolicy({ ...policy, retryOn, perTryTimeoutMs: null });
}

/** The `retry_policy` of a route under that policy. */
export function retryPolicy({ retryOn, tries, perTryTimeoutMs, backOff }: CallPolicy): JsonObject {
  return {
    retry_on: retryOn,
    num_retries: tries - 1,
    ...(perTryTimeoutMs === null ? {} : { per_try_timeout: duration(perTryTimeoutMs) }),
    // what `retriable-headers` means
    retriable_headers: [{ name: unseenHeader, string_match: { exact: 'true' } }],
    retry_back_off: { base_interval: duration(backOff.baseMs), max_interval: duration(backOff.maxMs) },
    ...otherReplica,
  };
}
