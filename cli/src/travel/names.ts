/** What things of the shop are called on Kubernetes. */
import type { Identity } from '@microshop/topology';

/** Label of a pod that names its service (the recommended label of Kubernetes); the gateway's pods have `gateway`. */
export const podLabel = 'app.kubernetes.io/name';

/** Labels by which meshes tell whose pod it is, the usual one first. */
export const podLabels = [podLabel, 'app', 'service.istio.io/canonical-name'] as const;

/** Name of the Gateway through which requests come from outside. */
export const gatewayName = 'gateway';

/** Namespace that the files name when none is given. */
export const usualNamespace = 'microshop';

/** The labels that select the pods of a service, or of the gateway. */
export function podsOf(identity: Identity): { readonly [podLabel]: Identity } {
  return { [podLabel]: identity };
}

/** What must be so where the files are applied, a sentence each. */
export function assumptions(namespace: string): string[] {
  return [
    `Each service is a Service of its own name with one port, in the namespace ${namespace} (--namespace).`,
    `Requests from outside come through a Gateway named ${gatewayName} in that namespace.`,
  ];
}
