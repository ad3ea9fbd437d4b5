/** The certificate that the gateway shows to clients: of an authority of its own, renewed at half of its life, or the user's. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Access, ownerOnly, putFile } from '@microshop/program-kit/whole-file';
import { ensureAuthority } from './authority.ts';
import { edgeFiles } from './files.ts';
import { type GivenFiles, readGiven } from './given.ts';
import type { KeyPair } from './issue.ts';
import { type CertificateSettings, halfwayTo, isYoung } from './lifetime.ts';
import { isFor, pemBlock, textOf } from './read.ts';
import { certificateSecret } from './secret-files.ts';

/** What {@link ensureEdgeCertificate} needs. */
export interface EdgeOptions extends CertificateSettings {
  /** Directory of the certificates of one mesh. */
  readonly directory: string;
  /** Names and addresses by which clients call the gateway. */
  readonly names: readonly string[];
  /** The one of these by which the mesh's own programs do. */
  readonly calledAs: string;
  /** The user's certificate, in place of one that is made. */
  readonly given?: GivenFiles | undefined;
  /** Make another one, whatever is left of its life. */
  readonly renew?: boolean;
}

/** Pause between two readings of the user's files, milliseconds: they may change at any time. */
const readAgainMs = 1000;

/** Clients may be other users: k6 has a user of its own in containers. */
const forEverybody: Access = { file: 0o644, directory: 0o755 };

/** Whether there is another certificate than before, and when to look again. */
export interface EnsuredEdge {
  readonly issued: boolean;
  readonly renewAt: Date;
}

/**
 * Makes it where it is missing, broken, signed by another authority, for other names, or past half of its life. One that is given is
 * read each time, and may change. Throws what {@link readGiven} throws.
 */
export async function ensureEdgeCertificate(options: EdgeOptions): Promise<EnsuredEdge> {
  const { directory, given, lifetimeSeconds } = options;
  if (given !== undefined) {
    const { pair, trust } = await readGiven(given, options.calledAs);
    return { issued: await put(options, pair, trust), renewAt: new Date(Date.now() + readAgainMs) };
  }
  const authority = await ensureAuthority(directory, 'edge');
  const known = options.renew === true ? undefined : await readOwn(options, authority);
  if (known !== undefined) {
    return { issued: false, renewAt: halfwayTo(new Date(known.validTo), lifetimeSeconds) };
  }
  const { issueServer } = await import('./issue.ts');
  const fresh = await issueServer(authority, options.names, lifetimeSeconds);
  await put(options, fresh, authority.certificate);
  const { validTo } = new X509Certificate(fresh.certificate);
  return { issued: true, renewAt: halfwayTo(new Date(validTo), lifetimeSeconds) };
}

/** The certificate that stands there, if it is whole and good for a while. */
async function readOwn(
  { directory, names, lifetimeSeconds }: EdgeOptions,
  authority: KeyPair,
): Promise<X509Certificate | undefined> {
  const files = edgeFiles(directory);
  const [text, secret, trust] = await Promise.all([files.certificate, files.secret, files.trust].map(textOf));
  const pem = pemBlock(text ?? '', 'CERTIFICATE');
  const key = pemBlock(text ?? '', 'PRIVATE KEY');
  if (pem === undefined || key === undefined || secret === undefined || trust === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const good =
      certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      isYoung(certificate, lifetimeSeconds) &&
      names.every((name) => isFor(certificate, name));
    return good ? certificate : undefined;
  } catch {
    // not a certificate or not a key: treated as absent, and made again
    return undefined;
  }
}

/** Puts it into its files; whether it is another one than before. */
async function put(
  { directory, keyMode }: Pick<EdgeOptions, 'directory' | 'keyMode'>,
  { certificate, key }: KeyPair,
  trust: string,
): Promise<boolean> {
  const files = edgeFiles(directory);
  const own: Access = { ...ownerOnly, file: keyMode };
  const text = `${certificate}\n${key}\n`;
  const before = await textOf(files.certificate);
  // trust first: clients must know who signed what they are shown. What is read back comes last.
  await putFile(files.trust, `${trust}\n`, forEverybody);
  await putFile(files.secret, certificateSecret('edge', { certificate, key }), own);
  await putFile(files.certificate, text, own);
  return before !== text;
}
