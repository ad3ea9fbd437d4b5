/** Certificates of the mesh: made at its first start, renewed at half of their life. */
import { X509Certificate } from 'node:crypto';
import { type Access, ownerOnly, putFile } from '@microshop/program-kit/whole-file';
import { type Identity, identities } from '@microshop/topology';
import { ensureAuthority } from './authority.ts';
import { identityFiles } from './files.ts';
import type { KeyPair } from './issue.ts';
import { type CertificateSettings, halfwayTo, isYoung } from './lifetime.ts';
import { readIdentity, textOf } from './read.ts';
import { certificateSecret, trustSecret } from './secret-files.ts';

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
    return { issued: false, renewAt: halfwayTo(new Date(known.validTo), lifetimeSeconds) };
  }

  const { issue } = await import('./issue.ts');
  const fresh = await issue(authority, identity, lifetimeSeconds);
  await putIdentity(options, identity, fresh, authority.certificate);
  const { validTo } = new X509Certificate(fresh.certificate);
  return { issued: true, renewAt: halfwayTo(new Date(validTo), lifetimeSeconds) };
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
  await putFile(files.secrets.identity, certificateSecret('identity', fresh), own);
  await putFile(files.identity, `${fresh.certificate}\n${fresh.key}\n`, own);
}

function isOf(authority: KeyPair, certificate: X509Certificate): boolean {
  return certificate.verify(new X509Certificate(authority.certificate).publicKey);
}
