/** Certificates of the Envoys: made before the service listens, renewed while it runs, listed at `/api/certificates`. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CertificateSettings,
  certificateFacts,
  certificateSettings,
  ensureCertificates,
} from '@microshop/envoy';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { instanceNumber } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

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

const certificateSchema = Type.Object({
  identity: Type.String(),
  spiffe_id: Type.String(),
  serial: Type.String({ description: 'Serial number, hexadecimal' }),
  not_before: Type.String({ description: 'RFC 3339' }),
  not_after: Type.String({ description: 'RFC 3339' }),
  expires_in_s: Type.Number({ description: 'Seconds until it ends; negative when it has ended' }),
});

/** Registers the renewal and the route. */
export function registerCertificates(fastify: FastifyInstance, options: CertificateOptions): void {
  const closing = new AbortController();

  /** Renews what is due; the pause until the next look, milliseconds. */
  async function renew(): Promise<number> {
    const { issued, renewAt } = await ensureCertificates(options);
    if (issued.length > 0) fastify.log.info({ issued, renew_at: renewAt.toISOString() }, 'new certificates');
    return Math.min(longestPauseMs, Math.max(shortestPauseMs, renewAt.getTime() - Date.now()));
  }

  async function keepRenewing(): Promise<void> {
    let pauseMs = shortestPauseMs;
    while (!closing.signal.aborted) {
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
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

  fastify.get(
    '/api/certificates',
    { schema: { response: { 200: Type.Array(certificateSchema) } } },
    async () => {
      const facts = await certificateFacts(options.directory);
      return facts.map(({ identity, spiffeId, serial, notBefore, notAfter }) => ({
        identity,
        spiffe_id: spiffeId,
        serial,
        not_before: notBefore.toISOString(),
        not_after: notAfter.toISOString(),
        expires_in_s: Math.round((notAfter.getTime() - Date.now()) / 1000),
      }));
    },
  );
}
