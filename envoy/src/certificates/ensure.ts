/** Certificates of the mesh: made at its first start, renewed at half of their life. */
import { X509Certificate } from 'node:crypto';
import { type Access, ownerOnly, putFile, putFirst } from '@microshop/program-kit/whole-file';
import { type Identity, identities } from '@microshop/topology';
import { stringify } from 'yaml';
import { type JsonObject, typed } from '../json.ts';
import { authorityFile, identityFiles, secretNames } from './files.ts';
import type { KeyPair } from './issue.ts';
import { authorityRenewalSeconds, type CertificateSettings } from './lifetime.ts';
import { pemBlock, readIdentity, textOf } from './read.ts';

/** What {@link ensureCertificates} needs. */
export interface EnsureOptions extends CertificateSettings {
  /** Directory of the certificates of one mesh. */
  readonly directory: string;
  /** Renew all, whatever is left of their lives. */
  readonly renew?: boolean;
}

/** Certificates are no secret; only their owner can look into the directory all the same. */
const readable: Access = { ...ownerOnly, file: 0o644 };

/** What came of it. */
export interface Ensured {
  /** Identities that got a new certificate. */
  readonly issued: readonly Identity[];
  /** When the next one is to be renewed. */
  readonly renewAt: Date;
}

/**
 * Makes what is missing, broken, signed by another authority, or past half of its life. Idempotent, and safe to call
 * at the same time from several processes: they agree on one authority, and every file is whole at any time.
 */
export async function ensureCertificates(options: EnsureOptions): Promise<Ensured> {
  const authority = await ensureAuthority(options.directory);
  const all = await Promise.all(
    identities.map(async (identity) => ({
      identity,
      ...(await ensureIdentity(options, authority, identity)),
    })),
  );
  return {
    issued: all.filter(({ issued }) => issued).map(({ identity }) => identity),
    renewAt: new Date(Math.min(...all.map(({ renewAt }) => renewAt.getTime()))),
  };
}

/** The authority of that directory; made where there is none that can go on signing. */
export async function ensureAuthority(directory: string): Promise<KeyPair> {
  const file = authorityFile(directory);
  const known = await readAuthority(directory);
  if (known !== undefined) return known;
  const { makeAuthority } = await import('./issue.ts');
  const fresh = await makeAuthority();
  const text = `${fresh.certificate}\n${fresh.key}\n`;
  if (await putFirst(file, text, ownerOnly)) return fresh;
  // another process was first, and its authority is used; or the file is invalid and is replaced
  const other = await readAuthority(directory);
  if (other !== undefined) return other;
  await putFile(file, text, ownerOnly);
  return fresh;
}

/** The authority of that directory; `undefined` when there is none, or none that can go on signing. */
export async function readAuthority(directory: string): Promise<KeyPair | undefined> {
  const text = await textOf(authorityFile(directory));
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

async function ensureIdentity(
  options: EnsureOptions,
  authority: KeyPair,
  identity: Identity,
): Promise<{ issued: boolean; renewAt: Date }> {
  const { directory, lifetimeSeconds } = options;
  const files = identityFiles(directory, identity);
  const known = await readIdentity(directory, identity);
  const secrets = await Promise.all([files.secrets.identity, files.secrets.trust].map(textOf));
  if (
    options.renew !== true &&
    known !== undefined &&
    isOf(authority, known) &&
    isYoung(known, lifetimeSeconds) &&
    secrets.every((text) => text !== undefined)
  ) {
    return { issued: false, renewAt: renewalOf(new Date(known.validTo), lifetimeSeconds) };
  }

  const { issue } = await import('./issue.ts');
  const fresh = await issue(authority, identity, lifetimeSeconds);
  await putIdentity(options, identity, fresh, authority.certificate);
  const { validTo } = new X509Certificate(fresh.certificate);
  return { issued: true, renewAt: renewalOf(new Date(validTo), lifetimeSeconds) };
}

/** Puts a certificate with its key into the files of that identity; `trust` is the authority's certificate, PEM. */
export async function putIdentity(
  { directory, keyMode }: Pick<EnsureOptions, 'directory' | 'keyMode'>,
  identity: Identity,
  fresh: KeyPair,
  trust: string,
): Promise<void> {
  const files = identityFiles(directory, identity);
  const own: Access = { ...ownerOnly, file: keyMode };
  // Trust first: a peer's new certificate must be trusted when it is shown. What is read back comes last, so that
  // a process that ends in between starts over.
  await putFile(files.trust, `${trust}\n`, readable);
  await putFile(files.secrets.trust, trustSecret(trust), readable);
  await putFile(files.secrets.identity, identitySecret(fresh), own);
  await putFile(files.identity, `${fresh.certificate}\n${fresh.key}\n`, own);
}

function isOf(authority: KeyPair, certificate: X509Certificate): boolean {
  return certificate.verify(new X509Certificate(authority.certificate).publicKey);
}

/** More than half of its life is left, and no more than a whole one: it may have been issued under other settings. */
function isYoung(certificate: X509Certificate, lifetimeSeconds: number): boolean {
  const left = secondsUntil(new Date(certificate.validTo));
  return left > lifetimeSeconds / 2 && left <= lifetimeSeconds;
}

function renewalOf(notAfter: Date, lifetimeSeconds: number): Date {
  return new Date(notAfter.getTime() - (lifetimeSeconds * 1000) / 2);
}

function secondsUntil(time: Date): number {
  return (time.getTime() - Date.now()) / 1000;
}

/** Certificate and key in one file: they change together or not at all. */
function identitySecret({ certificate, key }: KeyPair): string {
  return secretFile(secretNames.identity, {
    tls_certificate: {
      certificate_chain: { inline_string: certificate },
      private_key: { inline_string: key },
    },
  });
}

function trustSecret(trust: string): string {
  return secretFile(secretNames.trust, {
    validation_context: { trusted_ca: { inline_string: trust } },
  });
}

function secretFile(name: string, secret: JsonObject): string {
  return stringify({
    resources: [typed('envoy.extensions.transport_sockets.tls.v3.Secret', { name, ...secret })],
  });
}
