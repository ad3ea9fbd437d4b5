/**
 * Where certificates stand. `authority.pem` is the certificate authority with its key. Each identity has a directory
 * of its own, so that an Envoy can be given that one and no other:
 *
 *     <directory>/authority/authority.pem
 *     <directory>/orders/identity.pem     certificate and key, for people and tools
 *     <directory>/orders/trust.pem        certificate of the authority
 *     <directory>/orders/identity.yaml    the same two as Envoy's secrets (SDS)
 *     <directory>/orders/trust.yaml
 */
import { join } from 'node:path';
import type { Identity } from '@microshop/topology';

/** Names of Envoy's secrets; each is a file of its own, as an SDS file holds one. */
export const secretNames = { identity: 'identity', trust: 'trust' } as const;

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

/** The authority's certificate and private key, PEM. */
export function authorityFile(directory: string): string {
  return join(directory, 'authority', 'authority.pem');
}
