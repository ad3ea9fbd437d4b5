/** `/api/faults`: what the sidecars do to calls on purpose. */

import { type FaultRequest, services } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ChangeBook } from './book.ts';
import { createFaultBook } from './fault-book.ts';
import { observeFaults } from './fault-metrics.ts';
import { faultAnswerSchema, faultListSchema, faultRequestSchema } from './schemas.ts';

const clearQuery = Type.Object({ service: Type.Optional(Type.Enum(services.map(({ name }) => name))) });

/** Registers the routes; faults that stand on disk are in force before the service listens. */
export function registerFaults(fastify: FastifyInstance, book: ChangeBook): void {
  const faults = createFaultBook(book, fastify.log);
  const unobserve = observeFaults(() => book.read());
  fastify.addHook('onReady', () => faults.begin());
  fastify.addHook('onClose', async () => {
    unobserve();
    faults.end();
  });

  fastify.get('/api/faults', { schema: { response: { 200: faultListSchema } } }, async () => ({
    faults: await faults.list(),
  }));

  fastify.post<{ Body: FaultRequest }>(
    '/api/faults',
    { schema: { body: faultRequestSchema, response: { 201: faultAnswerSchema } } },
    async (request, reply) => reply.code(201).send(await faults.set(request.body)),
  );

  fastify.delete<{ Querystring: Static<typeof clearQuery> }>(
    '/api/faults',
    {
      schema: {
        querystring: clearQuery,
        response: { 200: Type.Object({ cleared: Type.Integer() }) },
      },
    },
    async (request) => ({ cleared: (await faults.clear(request.query.service)).length }),
  );
}
