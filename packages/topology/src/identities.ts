/** Who a pod is to its peers, and which peers a service takes calls from. */
import { edges, type ServiceName, services } from './services.ts';

/** Trust domain of every identity (SPIFFE's term): the name under which one certificate authority vouches. */
export const trustDomain = 'microshop.mesh';

/** Who a pod's Envoy is: its service (replicas share it), or the gateway. */
export type Identity = ServiceName | 'gateway';

/** Every identity of the mesh. */
export const identities: readonly Identity[] = ['gateway', ...services.map((service) => service.name)];

/** The identity as it stands in a certificate: a SPIFFE URI. */
export function spiffeId(identity: Identity): string {
  return `spiffe://${trustDomain}/${identity}`;
}

/** Who the token of a pod on Kubernetes is for, by which its agent shows whose it is (audience, in Kubernetes' term). */
export const podTokenAudience = 'microshop-control';

/** Who may call a service: the gateway, which routes to each, and every service with an edge to it. */
export function callersOf(callee: ServiceName): readonly Identity[] {
  return ['gateway', ...edges.filter((edge) => edge.callee === callee).map((edge) => edge.caller)];
}
