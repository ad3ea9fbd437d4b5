/** Certificates of a test's servers. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Address, certificatesDirectory, type Identity, spiffeId } from '@microshop/topology';
import {
  type EdgeOptions,
  edgeFiles,
  ensureCertificates,
  ensureEdgeCertificate,
  identityFiles,
} from '../certificates/index.ts';
import type { KeyPair } from '../certificates/issue.ts';
import { pemBlock } from '../certificates/read.ts';
import { testPlacement } from './placement.ts';

export type { KeyPair };

/** Certificates live longer than any test. */
const settings = { lifetimeSeconds: 3600, keyMode: 0o600 };

/** What one end of a connection shows and trusts, for Node's TLS. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Makes the certificates of a mesh whose Envoys are started in `directory`, that for clients too. */
export async function makeCertificates(directory: string): Promise<void> {
  await ensureCertificates({ directory: join(directory, certificatesDirectory), ...settings });
  await ensureEdgeCertificate(edgeOptions(directory));
}

/** How the certificate for clients is made there. */
export function edgeOptions(directory: string): EdgeOptions {
  const { names, address } = testPlacement().gateway.tls;
  const where = join(directory, certificatesDirectory);
  return { directory: where, ...settings, names, calledAs: address.host };
}

/** A call of a client that verifies the gateway's certificate. */
export async function asClient(directory: string): Promise<TlsCall> {
  return { ca: await readFile(edgeFiles(join(directory, certificatesDirectory)).trust, 'utf8') };
}

/** Gives every identity a new certificate, whatever is left of the old one's life. */
export async function renewCertificates(directory: string): Promise<void> {
  await ensureCertificates({ directory: join(directory, certificatesDirectory), ...settings, renew: true });
}

/** The certificate and the key that stand in a text, PEM. Throws when one is missing. */
export function keyPair(text: string): KeyPair {
  const [certificate, key] = [pemBlock(text, 'CERTIFICATE'), pemBlock(text, 'PRIVATE KEY')];
  if (certificate === undefined || key === undefined) throw new Error('No certificate and key in this text');
  return { certificate, key };
}

/** What an identity shows and trusts. */
export async function materialOf(directory: string, identity: Identity): Promise<TlsMaterial> {
  const files = identityFiles(join(directory, certificatesDirectory), identity);
  const [own, ca] = await Promise.all([files.identity, files.trust].map((file) => readFile(file, 'utf8')));
  if (own === undefined || ca === undefined) throw new Error(`${identity} has no certificate`);
  return { cert: own, key: own, ca };
}

/** Certificates and trust of a call over TLS. */
export type TlsCall = Pick<
  RequestOptions,
  'cert' | 'key' | 'ca' | 'maxVersion' | 'rejectUnauthorized' | 'checkServerIdentity' | 'agent'
>;

/**
 * A call with that material that takes nobody but `callee` for an answer. Every call makes a connection of its own, so
 * that each is a handshake.
 */
export function asCaller(material: Partial<TlsMaterial>, callee: Identity): TlsCall {
  return {
    ...material,
    agent: false,
    // the certificates name an identity, not a host
    checkServerIdentity: (_host, certificate) =>
      certificate.subjectaltname === `URI:${spiffeId(callee)}`
        ? undefined
        : new Error(`The certificate names ${certificate.subjectaltname}, not ${callee}`),
  };
}

/** Serial number (hexadecimal) of the certificate that is shown at an address to a caller with that material. */
export async function shownSerial(address: Address, material: TlsMaterial): Promise<string> {
  // the name in the certificate is not the point here
  const socket = connect({ ...address, ...material, checkServerIdentity: () => undefined });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().serialNumber.toLowerCase();
  } finally {
    socket.destroy();
  }
}
