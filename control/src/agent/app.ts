/** An agent: beside an Envoy that shares no directory with the control service, it fetches what that would write. */
import { createService, type Service } from '@microshop/service-kit';
import type { Placement } from '@microshop/topology';
import type { FastifyBaseLogger } from 'fastify';
import { keepCertificate, type OwnCertificate } from './certificate.ts';
import { type Following, follow } from './follow.ts';
import { createHolder } from './holder.ts';
import { takeIssued } from './issued.ts';
import type { AgentSettings } from './settings.ts';

/** What {@link buildAgent} needs. */
export interface AgentOptions {
  readonly settings: AgentSettings;
  /** One entry for all replicas of a service. */
  readonly placement: Placement;
  readonly logger: FastifyBaseLogger;
}

/** Makes the agent. It goes on with what an earlier process has left, and follows the control service until it is closed. */
export async function buildAgent({ settings, placement, logger }: AgentOptions): Promise<Service> {
  const fastify = await createService({ name: 'agent', logger });
  const holder = createHolder(settings, placement, fastify.log);
  let following: Following | undefined;
  let certificate: OwnCertificate | undefined;
  fastify.addHook('onReady', async () => {
    await holder.begin();
    certificate =
      settings.issued === undefined
        ? await keepCertificate(settings, holder, fastify.log)
        : await takeIssued(settings, settings.issued, fastify.log);
    following = follow(settings, holder, fastify.log);
  });
  fastify.addHook('onClose', async () => {
    await Promise.all([following?.end(), certificate?.end()]);
    holder.end();
  });

  const report = () => ({ version: holder.state()?.version ?? null, loaded: following?.loaded() ?? null });
  const quiet = { logLevel: 'warn' } as const;
  fastify.get('/live', quiet, async () => ({ status: 'ok' }));
  // Envoy may start: every file that it reads is there
  fastify.get('/started', quiet, async (_request, reply) => {
    const isWhole = holder.state() !== undefined && certificate?.isThere() === true;
    return reply.code(isWhole ? 200 : 503).send(report());
  });
  // ready for calls: Envoy and the app's breakers have loaded one version
  fastify.get('/ready', quiet, async (_request, reply) =>
    reply.code(following?.loaded() === undefined ? 503 : 200).send(report()),
  );
  return fastify;
}
