/** One listener of the mesh: which way the calls it sees go, and its names in spans and logs. */
import type { Placement, Pod, ServiceName } from '@microshop/topology';

/** Which calls a listener sees: from outside, those from outside that are sent on to TLS, to its own app, or from its own app. */
export type Direction = 'edge' | 'plain' | 'inbound' | 'outbound';

/** A listener's identity. */
export interface Listener {
  readonly direction: Direction;
  /** Name of the part, as the runner and compose know it: `gateway`, `orders-sidecar-2`. */
  readonly part: string;
  /** `service.name` of its spans and `service` of its log lines: the same for all replicas. */
  readonly serviceName: string;
  /** Service of the pod; none at the gateway. */
  readonly service: ServiceName | undefined;
  readonly mode: Placement['mode'];
}

/** A listener of the gateway. */
export function gatewayListener(placement: Placement, direction: 'edge' | 'plain' = 'edge'): Listener {
  return {
    direction,
    part: 'gateway',
    serviceName: 'gateway',
    service: undefined,
    mode: placement.mode,
  };
}

/** A listener of a sidecar. */
export function sidecarListener(placement: Placement, pod: Pod, direction: 'inbound' | 'outbound'): Listener {
  return {
    direction,
    part: pod.sidecar,
    serviceName: `${pod.service}-sidecar`,
    service: pod.service,
    mode: placement.mode,
  };
}

/** Whether its requests come from clients. */
export function fromOutside({ direction }: Listener): boolean {
  return direction === 'edge' || direction === 'plain';
}
