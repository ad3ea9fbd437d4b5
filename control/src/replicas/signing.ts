/** `POST /api/agent/certificate`: the certificate of a pod, for a key that its agent has made and keeps. */
import { type CertificateSettings, ensureAuthority } from '@microshop/envoy';
import { CertificateRequestError, sign } from '@microshop/envoy/certificates/issue';
import { badRequest } from '@microshop/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Access } from './access.ts';
import type { Registry } from './registry.ts';
import { certificatePath, certificateRequestSchema, signedCertificateSchema } from './schemas.ts';
import { authorityName } from './state.ts';

/** Registers the route. The authority is made before the service listens; the pods hear which it is. */
export function registerSigning(
  fastify: FastifyInstance,
  registry: Pick<Registry, 'publish'>,
  access: Access,
  {
    directory,
    lifetimeSeconds,
  }: Pick<CertificateSettings, 'lifetimeSeconds'> & { readonly directory: string },
): void {
  fastify.addHook('onReady', async () => {
    const { certificate } = await ensureAuthority(directory);
    registry.publish({ authority: authorityName(certificate) });
  });

  fastify.post<{ Body: Static<typeof certificateRequestSchema> }>(
    certificatePath,
    { schema: { body: certificateRequestSchema, response: { 200: signedCertificateSchema } } },
    async (request) => {
      const { identity, pod } = await access(request);
      const authority = await ensureAuthority(directory);
      try {
        const certificate = await sign(authority, identity, request.body.request, lifetimeSeconds);
        request.log.info({ issued: identity, pod }, 'new certificate');
        return { certificate, trust: authority.certificate };
      } catch (error) {
        if (error instanceof CertificateRequestError) throw badRequest(`body.request ${error.message}`);
        throw error;
      }
    },
  );
}
