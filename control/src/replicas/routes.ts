/** `/api/agent`: what the agents of the pods ask, and which replicas there are. */
import { ProblemError } from '@microshop/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import type { Registry } from './registry.ts';
import { type Poll, pollSchema, replicaListSchema, replicaStateSchema } from './schemas.ts';

/** Registers the routes. */
export function registerReplicas(fastify: FastifyInstance, registry: Registry, access: Access): void {
  // close() waits for the answers
  fastify.addHook('preClose', async () => registry.close());

  fastify.get<{ Querystring: Poll }>(
    '/api/agent/state',
    { logLevel: 'warn', schema: { querystring: pollSchema, response: { 200: replicaStateSchema } } },
    async (request, reply) => {
      const { identity, pod } = await access(request);
      const { query } = request;
      if (query.identity !== identity || query.pod !== pod) {
        throw new ProblemError(403, 'forbidden', `The token is that of ${identity} in the pod ${pod}`);
      }
      const brokenOff = new AbortController();
      reply.raw.once('close', () => brokenOff.abort());
      // the agent may have disconnected while the token was reviewed
      if (reply.raw.destroyed) brokenOff.abort();
      const state = await registry.next(query, brokenOff.signal);
      return state ?? reply.code(204).send();
    },
  );

  fastify.get('/api/agent/replicas', { schema: { response: { 200: replicaListSchema } } }, async () => ({
    replicas: [...registry.list()],
  }));
}
