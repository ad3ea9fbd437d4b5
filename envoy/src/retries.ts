/** What the retry policies of the gateway and of the sidecars share. */
import type { JsonObject } from './json.ts';

/** A retry goes to another replica where there is one; with a single one it goes there again. */
export const otherReplica: JsonObject = {
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
