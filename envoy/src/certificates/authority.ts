/** The authorities of a mesh: one for certificates between its parts, one for the certificate that clients are shown. */
import { X509Certificate } from 'node:crypto';
import { ownerOnly, putFile, putFirst } from '@microshop/program-kit/whole-file';
import { trustDomain } from '@microshop/topology';
import { type AuthorityName, authorityFile } from './files.ts';
import type { KeyPair } from './issue.ts';
import { authorityRenewalSeconds, secondsUntil } from './lifetime.ts';
import { pemBlock, textOf } from './read.ts';

/** How each is made. People may make browsers trust the one for clients, so it can sign for nothing but the gateway. */
const making: Readonly<Record<AuthorityName, readonly [name?: string, hosts?: readonly string[]]>> = {
  authority: [],
  edge: [`Authority of ${trustDomain} for clients`, ['localhost', 'gateway']],
};

/**
 * The authority of that directory; made where there is none that can go on signing. Several processes that call this at the same
 * time agree on one.
 */
export async function ensureAuthority(
  directory: string,
  name: AuthorityName = 'authority',
): Promise<KeyPair> {
  const file = authorityFile(directory, name);
  const known = await readAuthority(directory, name);
  if (known !== undefined) return known;
  const { makeAuthority } = await import('./issue.ts');
  const fresh = await makeAuthority(...making[name]);
  const text = `${fresh.certificate}\n${fresh.key}\n`;
  if (await putFirst(file, text, ownerOnly)) return fresh;
  // another process was first, and its authority is used; or the file is invalid and is replaced
  const other = await readAuthority(directory, name);
  if (other !== undefined) return other;
  await putFile(file, text, ownerOnly);
  return fresh;
}

/** The authority of that directory; `undefined` when there is none, or none that can go on signing. */
export async function readAuthority(
  directory: string,
  name: AuthorityName = 'authority',
): Promise<KeyPair | undefined> {
  const text = await textOf(authorityFile(directory, name));
  const certificate = text === undefined ? undefined : pemBlock(text, 'CERTIFICATE');
  const key = text === undefined ? undefined : pemBlock(text, 'PRIVATE KEY');
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const { validTo } = new X509Certificate(certificate);
    return secondsUntil(new Date(validTo)) > authorityRenewalSeconds ? { certificate, key } : undefined;
  } catch {
    // not a certificate: treated as absent
    return undefined;
  }
}
