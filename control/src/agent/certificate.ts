/**
 * The certificate of the pod, in the files that Envoy watches: its key is made here, and signed for by the control service. It
 * is renewed at half of its life; while the control service is unavailable the one that is there stays.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityFiles, putIdentity, readIdentity, renewalOf } from '@microshop/envoy';
import { certificatesDirectory, spiffeId } from '@microshop/topology';
import { authorityName } from '../replicas/state.ts';
import { createAttempts } from './attempts.ts';
import { NoAnswerError, signedCertificate } from './control-client.ts';
import type { Holder } from './holder.ts';
import type { AgentLog } from './log.ts';
import type { AgentSettings } from './settings.ts';

/** Longest pause between two checks, milliseconds: timers stand still while a machine sleeps. */
const longestPauseMs = 5000;

/** Shortest pause, milliseconds: which authority signs may be heard a little later than it does. */
const shortestPauseMs = 1000;

/** The certificate of one pod. */
export interface OwnCertificate {
  /** Whether Envoy has one to show. */
  isThere(): boolean;
  end(): Promise<void>;
}

/** Goes on with the certificate on disk, if there is one, and keeps renewing it. */
export async function keepCertificate(
  settings: AgentSettings,
  holder: Pick<Holder, 'state'>,
  log: AgentLog,
): Promise<OwnCertificate> {
  const { identity } = settings;
  const directory = path.join(settings.directory, certificatesDirectory);
  const closing = new AbortController();
  const attempts = createAttempts(log, 'the certificate cannot be renewed; the one that is there stays');
  let known = await readIdentity(directory, identity);
  let trusted = await readFile(identityFiles(directory, identity).trust, 'utf8').catch(() => '');

  async function renew(): Promise<void> {
    const { makeRequest } = await import('@microshop/envoy/certificates/issue');
    const { request, key } = await makeRequest();
    const { certificate, trust } = await signedCertificate(settings, request, closing.signal);
    if (!isFor(certificate, trust, key)) {
      throw new NoAnswerError(
        `its answer is malformed: body.certificate is not one of ${spiffeId(identity)} for this key`,
      );
    }
    // Envoy runs as this user
    await putIdentity({ directory, keyMode: 0o600 }, identity, { certificate, key }, trust);
    known = new X509Certificate(certificate);
    trusted = trust;
    log.info({ serial: known.serialNumber.toLowerCase(), not_after: known.validTo }, 'new certificate');
  }

  function isFor(certificate: string, trust: string, key: string): boolean {
    try {
      const parsed = new X509Certificate(certificate);
      const authority = new X509Certificate(trust);
      return (
        parsed.subjectAltName === `URI:${spiffeId(identity)}` &&
        parsed.checkPrivateKey(createPrivateKey(key)) &&
        parsed.verify(authority.publicKey)
      );
    } catch {
      // not a certificate
      return false;
    }
  }

  /** Whether another authority signs now: pods that trust it do not trust this one. */
  function isOfAnother(): boolean {
    const authority = holder.state()?.authority ?? null;
    return authority !== null && authority !== authorityName(trusted);
  }

  async function keepRenewing(): Promise<void> {
    while (!closing.signal.aborted) {
      const leftMs = known === undefined || isOfAnother() ? 0 : renewalOf(known).getTime() - Date.now();
      if (leftMs > 0) {
        const pauseMs = Math.min(leftMs, longestPauseMs);
        await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
        continue;
      }
      try {
        await renew();
        attempts.succeeded();
        await delay(shortestPauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      } catch (error) {
        if (!closing.signal.aborted) await attempts.failed(error, closing.signal);
      }
    }
  }

  const renewing = keepRenewing();
  return {
    isThere: () => known !== undefined,
    async end() {
      closing.abort();
      await renewing;
    },
  };
}
