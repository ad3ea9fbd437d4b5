/** The calls of the mesh as plain Envoy configuration, written by the generator of the mesh's own Envoys. */
import { callConfigs } from '@microshop/envoy';
import { callEdges } from '@microshop/topology';
import type { Exported } from './exported.ts';
import { createLosses, type InEffect, loseAppFields, loseDeadline } from './losses.ts';

/** A configuration for each caller. */
export function envoyExport(inEffect: InEffect): Exported {
  const losses = createLosses(inEffect);
  loseAppFields(inEffect, losses);
  loseDeadline(
    losses,
    'The gateway writes the deadline of a request into headers, and that is exported. No Envoy keeps to it: the apps do.',
  );
  losses.setting(
    'callers',
    'Who may call a service is checked by the callee’s Envoy: it is not part of a call.',
    callEdges,
  );
  losses.setting(
    'outlier_detection_with_one_replica',
    'Here a replica is left out only where there is another. A name may stand for one or for several, so a single one is watched, too.',
    callEdges,
  );
  for (const fault of inEffect.faults) {
    losses.fault(fault, 'A fault is set at the callee’s Envoy: it is not part of a call.');
  }
  return {
    documents: [...callConfigs(inEffect.policies)].map(([caller, document]) => ({
      says: `The calls of ${caller}: a file for its Envoy, by itself (envoy --config-path FILE).`,
      document,
    })),
    losses: losses.list,
    assumes: [
      'The name of a service leads to its replicas, port 15006, where an Envoy asks for a certificate.',
      'Certificates are read from certificates/<caller>/ where Envoy is started, with the identities of this mesh.',
    ],
  };
}
