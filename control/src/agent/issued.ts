/**
 * The certificate of the pod where it is issued by another than the control service, such as cert-manager: the kubelet mounts what
 * was issued and renews it, and here it goes into the files that Envoy watches.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { putIdentity, readIdentity } from '@microshop/envoy';
import { certificatesDirectory, type Identity, spiffeId } from '@microshop/topology';
import { createAttempts } from './attempts.ts';
import type { OwnCertificate } from './certificate.ts';
import type { AgentLog } from './log.ts';
import type { AgentSettings } from './settings.ts';

/** Pause between two checks, milliseconds: the kubelet itself takes up to some minutes. */
const usualPauseMs = 5000;

/** Names of the files, as a Secret for TLS has them. */
const files = ['tls.crt', 'tls.key', 'ca.crt'] as const;

/** Takes what is in the directory `issued`, now and whenever it is another. */
export async function takeIssued(
  { identity, directory }: Pick<AgentSettings, 'identity' | 'directory'>,
  issued: string,
  log: AgentLog,
  pauseMs = usualPauseMs,
): Promise<OwnCertificate> {
  const own = path.join(directory, certificatesDirectory);
  const closing = new AbortController();
  const attempts = createAttempts(log, 'the issued certificate cannot be used; the current one stays');
  let known = await readIdentity(own, identity);
  let taken = '';

  async function take(): Promise<void> {
    const [certificate = '', key = '', trust = ''] = await Promise.all(
      files.map((name) => readFile(path.join(issued, name), 'utf8')),
    );
    const whole = `${certificate}${key}${trust}`;
    if (whole === taken) return;
    const leaf = leafFor(identity, certificate, key, trust);
    // Envoy runs as this user; a key of any form is written in the one that is read back
    const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    await putIdentity(
      { directory: own, keyMode: 0o600 },
      identity,
      { certificate: certificate.trim(), key: pkcs8 },
      trust.trim(),
    );
    taken = whole;
    known = leaf;
    log.info({ serial: leaf.serialNumber.toLowerCase(), not_after: leaf.validTo }, 'new certificate');
  }

  async function keepTaking(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await take();
        attempts.succeeded();
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      } catch (error) {
        // also while the kubelet replaces the files: for a moment they do not match
        await attempts.failed(error, closing.signal);
      }
    }
  }

  const taking = keepTaking();
  return {
    isThere: () => known !== undefined,
    async end() {
      closing.abort();
      await taking;
    },
  };
}

/** The certificate of the identity. Throws an error that says what does not fit. */
function leafFor(identity: Identity, certificate: string, key: string, trust: string): X509Certificate {
  const [leaf, ...between] = certificatesIn(certificate);
  if (leaf === undefined) throw new Error('tls.crt holds no certificate');
  if (leaf.subjectAltName !== `URI:${spiffeId(identity)}`) {
    throw new Error(`tls.crt is for ${leaf.subjectAltName ?? 'no name'}, not for URI:${spiffeId(identity)}`);
  }
  if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error('tls.key is not the key of tls.crt');
  const issuers = [...between, ...certificatesIn(trust)];
  if (!issuers.some(({ publicKey }) => leaf.verify(publicKey))) {
    throw new Error('neither ca.crt nor the rest of tls.crt has signed it');
  }
  return leaf;
}

function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return [...blocks].map(([block]) => new X509Certificate(block));
}
