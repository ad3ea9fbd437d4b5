/** Reads certificates as they stand on disk. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { type Identity, identities, spiffeId } from '@microshop/topology';
import { identityFiles } from './files.ts';

/** A certificate as people and alerts want to know it. */
export interface CertificateFacts {
  readonly identity: Identity;
  readonly spiffeId: string;
  /** Serial number, hexadecimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The text of a file; `undefined` when there is none. Throws when it cannot be read for another reason. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The PEM block of that label (`CERTIFICATE`, `PRIVATE KEY`) in a text; `undefined` when it holds none. */
export function pemBlock(text: string, label: string): string | undefined {
  return pemBlocks(text, label)[0];
}

/** All PEM blocks of that label in a text. */
export function pemBlocks(text: string, label: string): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? [];
}

/** Whether a certificate is for that name or address of a server. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  const found =
    isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name);
  return found !== undefined;
}

/** The certificate of an identity; `undefined` when there is none that holds together with its key and its name. */
export async function readIdentity(
  directory: string,
  identity: Identity,
): Promise<X509Certificate | undefined> {
  const text = await textOf(identityFiles(directory, identity).identity);
  if (text === undefined) return undefined;
  const certificate = pemBlock(text, 'CERTIFICATE');
  const key = pemBlock(text, 'PRIVATE KEY');
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    const whole =
      parsed.subjectAltName === `URI:${spiffeId(identity)}` && parsed.checkPrivateKey(createPrivateKey(key));
    return whole ? parsed : undefined;
  } catch {
    // not a certificate or not a key: treated as absent, and made again
    return undefined;
  }
}

/** What is known of every identity's certificate; those that have none are left out. */
export async function certificateFacts(directory: string): Promise<CertificateFacts[]> {
  const found = await Promise.all(
    identities.map(async (identity) => {
      const certificate = await readIdentity(directory, identity);
      return certificate === undefined ? [] : [factsOf(identity, certificate)];
    }),
  );
  return found.flat();
}

function factsOf(identity: Identity, certificate: X509Certificate): CertificateFacts {
  return {
    identity,
    spiffeId: spiffeId(identity),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}
