/** `POST /api/messages`: a duplicate or a poison message on purpose. */

import { messageOf } from '@microshop/program-kit/errors';
import { notFound } from '@microshop/service-kit';
import type { FastifyInstance } from 'fastify';
import type { AuditSources } from '../audit/sources.ts';
import { unavailable } from '../service/problem.ts';
import {
  type MessageRequest,
  madeMessageSchema,
  makeMessage,
  messageRequestSchema,
  NothingToRepeatError,
} from './messages.ts';

/** Registers the route. */
export function registerMessages(fastify: FastifyInstance, sources: AuditSources): void {
  fastify.post<{ Body: MessageRequest }>(
    '/api/messages',
    { schema: { body: messageRequestSchema, response: { 201: madeMessageSchema } } },
    async (request, reply) => {
      const made = await makeMessage(sources, request.body).catch((error: unknown) => {
        throw error instanceof NothingToRepeatError
          ? notFound(error.message)
          : unavailable(`RabbitMQ or orders_db: ${messageOf(error)}`, error);
      });
      request.log.info({ made, asked: request.body }, 'message made on purpose');
      return reply.code(201).send(made);
    },
  );
}
