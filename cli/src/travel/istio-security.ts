/** Who may call whom, as Istio's resources: the edges of the topology, and mutual TLS for all of them. */
import type { JsonObject } from '@microshop/envoy';
import { callersOf, services } from '@microshop/topology';
import type { Exported } from './exported.ts';
import { podsOf } from './names.ts';

const security = 'security.istio.io/v1';

/** Istio's name for the trust domain of the mesh it runs in, whatever that is called. */
const ownTrustDomain = 'cluster.local';

/** Mutual TLS everywhere in the namespace, and for each service its callers. */
export function securityDocuments(namespace: string): Exported['documents'] {
  const metadata = (name: string): JsonObject => ({ name, namespace });
  return [
    {
      says: 'Calls in the namespace without a certificate are refused.',
      document: {
        apiVersion: security,
        kind: 'PeerAuthentication',
        metadata: metadata('default'),
        spec: { mtls: { mode: 'STRICT' } },
      },
    },
    ...services.map(({ name }) => {
      const callers = callersOf(name);
      return {
        says: `Who may call ${name}: ${callers.join(', ')}.`,
        document: {
          apiVersion: security,
          kind: 'AuthorizationPolicy',
          metadata: metadata(name),
          spec: {
            selector: { matchLabels: podsOf(name) },
            action: 'ALLOW',
            rules: [
              {
                from: [
                  {
                    source: {
                      principals: callers.map((caller) => `${ownTrustDomain}/ns/${namespace}/sa/${caller}`),
                    },
                  },
                ],
              },
            ],
          },
        },
      };
    }),
  ];
}
