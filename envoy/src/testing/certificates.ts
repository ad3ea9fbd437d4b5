/** Certificates of a test's servers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '@microshop/topology';
import { ensureCertificates, identityFiles } from '../certificates/index.ts';
import { certificatesDirectory } from '../mutual-tls.ts';

/** Certificates live longer than any test. */
const settings = { lifetimeSeconds: 3600, keyMode: 0o600 };

/** What one end of a connection shows and trusts, for Node's TLS. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Makes the certificates of a mesh whose Envoys are started in `directory`. */
export async function makeCertificates(directory: string): Promise<void> {
  await ensureCertificates({ directory: join(directory, certificatesDirectory), ...settings });
}

/** Gives every identity a new certificate, whatever is left of the old one's life. */
export async function renewCertificates(directory: string): Promise<void> {
  await ensureCertificates({ directory: join(directory, certificatesDirectory), ...settings, renew: true });
}

/** What an identity shows and trusts. */
export async function materialOf(directory: string, identity: Identity): Promise<TlsMaterial> {
  const files = identityFiles(join(directory, certificatesDirectory), identity);
  const [own, ca] = await Promise.all([files.identity, files.trust].map((file) => readFile(file, 'utf8')));
  if (own === undefined || ca === undefined) throw new Error(`${identity} has no certificate`);
  return { cert: own, key: own, ca };
}
