/** Delivery to replicas that come and go: their agents fetch what holds and write the files; what they report counts. */
import { identities, type Placement, podsOf } from '@microshop/topology';
import type { Delivery } from '../changes/delivery.ts';
import type { FileState } from '../changes/in-force.ts';
import { type Registry, silentMs } from './registry.ts';
import { partOf } from './schemas.ts';

/** By the agents of that registry. The placement says at which port of a pod its Envoy is asked. */
export function deliveryByAgents(placement: Placement, registry: Registry): Delivery {
  const replicasOf = (identity: string) => registry.list().filter((one) => one.identity === identity);
  return {
    endsLeases: true,
    // a pod that has gone without a word is forgotten by then, and one of a busy node has reported
    reportLimitMs: 2 * silentMs,
    deliver: async (changes) => registry.publish(changes),
    sidecarsOf(service) {
      const [pod] = podsOf(placement, service);
      if (pod === undefined) return [];
      return replicasOf(service).map(({ part, replica, address }) => ({
        part,
        replica,
        admin: { host: address, port: pod.admin.port },
      }));
    },
    async withoutFaults(service) {
      const replicas = replicasOf(service);
      // without an agent, nothing has applied it
      if (replicas.length === 0) return [partOf(service, 1)];
      return replicas.flatMap(({ part, version, loaded }) => (loaded === version ? [] : [part]));
    },
    async states() {
      return identities.flatMap((identity): FileState[] => {
        const states = replicasOf(identity).map(({ part, version, loaded, refused }) => {
          return { part, file: 'files', current: loaded === version, refused };
        });
        const none = { part: partOf(identity, 1), file: 'files', current: false, refused: 0 };
        return states.length === 0 ? [none] : states;
      });
    },
  };
}
