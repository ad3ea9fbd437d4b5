/**
 * Where certificates stand. `authority.pem` is the certificate authority with its key, `authority/edge.pem` the one for what clients
 * are shown. Each identity has a directory of its own, so that an Envoy can be given that one and no other:
 *
 *     <directory>/authority/authority.pem
 *     <directory>/orders/identity.pem     certificate and key, for people and tools
 *     <directory>/orders/trust.pem        certificate of the authority
 *     <directory>/orders/identity.yaml    the same two as Envoy's secrets (SDS)
 *     <directory>/orders/trust.yaml
 *     <directory>/gateway/edge.pem        what clients are shown: certificate and key
 *     <directory>/gateway/edge.yaml       the same as Envoy's secret
 *     <directory>/edge/trust.pem          what clients verify it with
 */
import { join } from 'node:path';
import { gatewayTrustFile } from '@microshop/program-kit/gateway-trust';
import type { Identity } from '@microshop/topology';

/** Names of Envoy's secrets; each is a file of its own, as an SDS file holds one. */
export const secretNames = { identity: 'identity', trust: 'trust', edge: 'edge' } as const;

/** Files of an identity below the directory of the certificates. */
export function identityFiles(directory: string, identity: Identity) {
  const own = join(directory, identity);
  return {
    directory: own,
    /** Certificate and private key, PEM. */
    identity: join(own, 'identity.pem'),
    /** Certificate of the authority, PEM. */
    trust: join(own, 'trust.pem'),
    secrets: {
      identity: join(own, `${secretNames.identity}.yaml`),
      trust: join(own, `${secretNames.trust}.yaml`),
    },
  };
}

/** Files about the certificate that clients are shown. */
export function edgeFiles(directory: string) {
  const own = join(directory, 'gateway' satisfies Identity);
  return {
    /** Certificate and private key, PEM. */
    certificate: join(own, `${secretNames.edge}.pem`),
    secret: join(own, `${secretNames.edge}.yaml`),
    /** What clients verify it with, PEM. */
    trust: gatewayTrustFile(directory),
  };
}

/** Which authority: of the mesh itself, or of what clients are shown. */
export type AuthorityName = 'authority' | 'edge';

/** An authority's certificate and private key, PEM. */
export function authorityFile(directory: string, name: AuthorityName = 'authority'): string {
  return join(directory, 'authority', `${name}.pem`);
}
