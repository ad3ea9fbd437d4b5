/** Certificates of the Envoys: made before the service listens, renewed while it runs, listed at `/api/certificates`. */
import {
  type CertificateSettings,
  certificateFacts,
  certificateSettings,
  ensureCertificates,
  shortestLifetimeSeconds,
} from '@microshop/envoy';
import { certificatesIn } from '@microshop/program-kit/run-directory';
import { badRequest } from '@microshop/service-kit';
import type { FastifyInstance } from 'fastify';
import {
  type Certificate,
  certificateListSchema,
  type ShortLives,
  shortLivesSchema,
} from './certificate-schemas.ts';
import { keepUp } from './upkeep.ts';

/** Where the certificates are, and how they are made. */
export interface CertificateOptions extends CertificateSettings {
  readonly directory: string;
}

/** Reads `MESH_CERTIFICATES_DIR` (absent: the native mesh's own) and what else there is about certificates. */
export function certificateOptions(env: NodeJS.ProcessEnv): CertificateOptions {
  return { directory: certificatesIn(env), ...certificateSettings(env) };
}

/** Registers the renewal and the routes. */
export function registerCertificates(fastify: FastifyInstance, options: CertificateOptions): void {
  /** What was asked for on purpose, with the time at which it is over, milliseconds since the epoch. */
  let short: (ShortLives & { readonly until: number }) | undefined;

  /** Renews what is due; when to look again, milliseconds since the epoch. */
  async function renew(): Promise<number> {
    const until = short?.until ?? 0;
    if (until <= Date.now()) short = undefined;
    if (short?.renewed === false) return until;
    const lifetimeSeconds = short?.lifetime_s ?? options.lifetimeSeconds;
    const { issued, renewAt } = await ensureCertificates({ ...options, lifetimeSeconds });
    if (issued.length > 0) fastify.log.info({ issued, renew_at: renewAt.toISOString() }, 'new certificates');
    return short === undefined ? renewAt.getTime() : Math.min(renewAt.getTime(), until);
  }

  // Once this service listens, the certificates are there.
  const { wake } = keepUp(fastify, 'certificates cannot be renewed', renew);

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
