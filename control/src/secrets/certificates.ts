/** Certificates of the Envoys: made before the service listens, renewed while it runs, listed at `/api/certificates`. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CertificateSettings,
  certificateFacts,
  certificateSettings,
  ensureCertificates,
  shortestLifetimeSeconds,
} from '@microshop/envoy';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { badRequest } from '@microshop/service-kit';
import { instanceNumber } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import {
  type Certificate,
  certificateListSchema,
  type ShortLives,
  shortLivesSchema,
} from './certificate-schemas.ts';

/** Where the certificates are, and how they are made. */
export interface CertificateOptions extends CertificateSettings {
  readonly directory: string;
}

/** Reads `MESH_CERTIFICATES_DIR` (absent: the native mesh's own) and what else there is about certificates. */
export function certificateOptions(env: NodeJS.ProcessEnv): CertificateOptions {
  const given = env['MESH_CERTIFICATES_DIR'];
  const directory =
    given === undefined || given === '' ? runDirectory(instanceNumber(env)).certificates : given;
  return { directory, ...certificateSettings(env) };
}

/**
 * Longest pause between two looks, milliseconds. Timers stand still while a computer sleeps: what has ended meanwhile
 * is renewed within this time of its waking up.
 */
const longestPauseMs = 5000;

/** Shortest pause, milliseconds. */
const shortestPauseMs = 100;

/** Registers the renewal and the routes. */
export function registerCertificates(fastify: FastifyInstance, options: CertificateOptions): void {
  const closing = new AbortController();

  /** What was asked for on purpose, with the time at which it is over, milliseconds since the epoch. */
  let short: (ShortLives & { readonly until: number }) | undefined;
  let wake = (): void => undefined;

  /** Renews what is due; the pause until the next look, milliseconds. */
  async function renew(): Promise<number> {
    const leftMs = (short?.until ?? 0) - Date.now();
    if (leftMs <= 0) short = undefined;
    if (short?.renewed === false) return Math.min(longestPauseMs, leftMs);
    const lifetimeSeconds = short?.lifetime_s ?? options.lifetimeSeconds;
    const { issued, renewAt } = await ensureCertificates({ ...options, lifetimeSeconds });
    if (issued.length > 0) fastify.log.info({ issued, renew_at: renewAt.toISOString() }, 'new certificates');
    const pauseMs = Math.max(shortestPauseMs, renewAt.getTime() - Date.now());
    return Math.min(longestPauseMs, pauseMs, short === undefined ? longestPauseMs : leftMs);
  }

  async function keepRenewing(): Promise<void> {
    let pauseMs = shortestPauseMs;
    while (!closing.signal.aborted) {
      const waking = new AbortController();
      wake = () => waking.abort();
      const signal = AbortSignal.any([closing.signal, waking.signal]);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      try {
        pauseMs = await renew();
      } catch (error) {
        pauseMs = longestPauseMs;
        fastify.log.error({ err: error }, 'certificates cannot be renewed');
      }
    }
  }

  let renewing: Promise<void> | undefined;
  // Once this service listens, the certificates are there.
  fastify.addHook('onReady', async () => {
    await renew();
    renewing = keepRenewing();
  });
  fastify.addHook('onClose', async () => {
    closing.abort();
    await renewing;
  });

  async function list(): Promise<Certificate[]> {
    const facts = await certificateFacts(options.directory);
    return facts.map(({ identity, spiffeId, serial, notBefore, notAfter }) => ({
      identity,
      spiffe_id: spiffeId,
      serial,
      not_before: notBefore.toISOString(),
      not_after: notAfter.toISOString(),
      expires_in_s: Math.round((notAfter.getTime() - Date.now()) / 1000),
    }));
  }

  fastify.get('/api/certificates', { schema: { response: { 200: certificateListSchema } } }, list);

  fastify.post<{ Body: ShortLives }>(
    '/api/certificates',
    { schema: { body: shortLivesSchema, response: { 200: certificateListSchema } } },
    async (request) => {
      const { body } = request;
      if (body.lifetime_s < shortestLifetimeSeconds) {
        throw badRequest(
          `lifetime_s must be ${shortestLifetimeSeconds} at least: shorter ones could not be renewed in time`,
        );
      }
      short = { ...body, until: Date.now() + body.for_ms };
      await ensureCertificates({ ...options, lifetimeSeconds: body.lifetime_s, renew: true });
      wake();
      request.log.info({ asked: body }, 'short-lived certificates are issued on purpose');
      return await list();
    },
  );
}
