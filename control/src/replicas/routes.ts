/** `/api/agent`: what the agents of the pods ask, and which replicas there are. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from './registry.ts';
import { type Poll, pollSchema, replicaListSchema, replicaStateSchema } from './schemas.ts';

/** Registers the routes. */
export function registerReplicas(fastify: FastifyInstance, registry: Registry): void {
  // closing waits for the answers
  fastify.addHook('preClose', async () => registry.close());

  fastify.get<{ Querystring: Poll }>(
    '/api/agent/state',
    { logLevel: 'warn', schema: { querystring: pollSchema, response: { 200: replicaStateSchema } } },
    async (request, reply) => {
      const brokenOff = new AbortController();
      reply.raw.once('close', () => brokenOff.abort());
      const state = await registry.next(request.query, brokenOff.signal);
      return state ?? reply.code(204).send();
    },
  );

  fastify.get('/api/agent/replicas', { schema: { response: { 200: replicaListSchema } } }, async () => ({
    replicas: [...registry.list()],
  }));
}
