/** What verifies the certificate that a gateway shows to clients: its authority, which nobody else knows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { clientTrust } from '@microshop/topology';
import { hasCode } from './errors.ts';

/** Authorities that Node knows by itself, PEM; read when one is added. */
let usual: readonly string[] | undefined;

/** Those that were added, by the file they are from. */
const added = new Map<string, string>();

/** The file with the authority's certificate, below the directory of certificates of a mesh. */
export function gatewayTrustFile(certificates: string): string {
  return join(certificates, clientTrust.directory, clientTrust.file);
}

/**
 * From here on this process takes certificates of that mesh's gateway, beside those that it takes anyway. Nothing changes while there is
 * no such file: the control service writes it where clients are authenticated.
 */
export async function trustGateway(certificates: string): Promise<void> {
  const file = gatewayTrustFile(certificates);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  trustAuthority(file, text);
}

/** The same with the text of such a file, under a name by which it is replaced later. */
export function trustAuthority(name: string, pem: string): void {
  if (added.get(name) === pem) return;
  usual ??= getCACertificates('default');
  added.set(name, pem);
  setDefaultCACertificates([...usual, ...[...added.values()].flatMap(certificatesOf)]);
}

function certificatesOf(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
