/** What the gateway does when clients want more of it than it has: connections and memory have a limit. */
import { gatewayHeapBytes, gatewayMaxConnections } from '@microshop/topology';
import { type JsonObject, typed } from './json.ts';

const heap = 'envoy.resource_monitors.fixed_heap';

/** Shares of the heap at which the gateway begins to help itself: first with who is slow, then with who is new. */
const heapShares = { closeIdle: 0.75, hurry: [0.75, 0.95], refuse: 0.95 } as const;

/**
 * The `overload_manager` of the gateway. A connection above the limit is closed at once; admin has its own. With the heap
 * almost full clients are given less and less time, then new requests are answered 503 `overloaded`.
 */
export function overloadManager(): JsonObject {
  return {
    refresh_interval: '0.25s',
    resource_monitors: [
      {
        name: 'envoy.resource_monitors.global_downstream_max_connections',
        typed_config: typed(
          'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
          { max_active_downstream_connections: gatewayMaxConnections },
        ),
      },
      {
        name: heap,
        typed_config: typed('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
          max_heap_size_bytes: gatewayHeapBytes,
        }),
      },
    ],
    actions: [
      { name: 'envoy.overload_actions.disable_http_keepalive', triggers: [above(heapShares.closeIdle)] },
      {
        name: 'envoy.overload_actions.reduce_timeouts',
        triggers: [
          {
            name: heap,
            scaled: { scaling_threshold: heapShares.hurry[0], saturation_threshold: heapShares.hurry[1] },
          },
        ],
        typed_config: typed('envoy.config.overload.v3.ScaleTimersOverloadActionConfig', {
          timer_scale_factors: [
            { timer: 'HTTP_DOWNSTREAM_CONNECTION_IDLE', min_timeout: '1s' },
            { timer: 'HTTP_DOWNSTREAM_STREAM_IDLE', min_timeout: '1s' },
          ],
        }),
      },
      { name: 'envoy.overload_actions.stop_accepting_requests', triggers: [above(heapShares.refuse)] },
    ],
  };
}

function above(value: number): JsonObject {
  return { name: heap, threshold: { value } };
}
