/** `/api/outbox`: what was set aside or lost, and sending it again. */

import { messageOf } from '@microshop/program-kit/errors';
import { badRequest, notFound } from '@microshop/service-kit';
import { eventRoute, outboxServices } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { AuditSources } from '../audit/sources.ts';
import type { DeadLetterBook } from '../dead-letters/book.ts';
import { unavailable } from '../service/problem.ts';
import { listOutboxes } from './list.ts';
import { type Retry, sendAgain } from './retry.ts';
import {
  type OutboxList,
  outboxListSchema,
  outboxQuestion,
  type RetryBody,
  retriedSchema,
  retryBody,
} from './schemas.ts';

/** Registers the routes. */
export function registerOutbox(fastify: FastifyInstance, sources: AuditSources, book: DeadLetterBook): void {
  fastify.get<{ Querystring: Static<typeof outboxQuestion> }>(
    '/api/outbox',
    { logLevel: 'warn', schema: { querystring: outboxQuestion, response: { 200: outboxListSchema } } },
    (request) => asProblem(listOutboxes(sources, book, request.query.older_than_ms)),
  );
  fastify.post<{ Body: RetryBody }>(
    '/api/outbox/retry',
    { schema: { body: retryBody, response: { 200: retriedSchema } } },
    async (request) => {
      const { message_ids, order_ids, set_aside, lost, older_than_ms } = request.body;
      if ([message_ids, order_ids, set_aside, lost].every((one) => one === undefined)) {
        throw badRequest('body must say which: message_ids, order_ids, set_aside or lost');
      }
      const list = await asProblem(listOutboxes(sources, book, older_than_ms));
      const events = await asProblem(sendAgain(sources, chosen(list, request.body)));
      request.log.info({ events }, 'events sent again');
      return { events };
    },
  );
}

/** By service: rows that were set aside are in any outbox, orders are in that of their first event. */
function chosen(list: OutboxList, { message_ids, order_ids, set_aside, lost }: RetryBody): Retry[] {
  const wanted = new Set(message_ids?.map((id) => id.toLowerCase()));
  const aside = list.set_aside.filter((row) => set_aside === true || wanted.has(row.message_id));
  const missing = [...wanted].filter((id) => !aside.some((row) => row.message_id === id));
  if (missing.length > 0) {
    throw notFound(`No event ${missing.join(', ')} was set aside; ./mesh outbox list shows those that were`);
  }
  const orderIds = [...(order_ids ?? []), ...(lost === true ? list.lost.map((row) => row.order_id) : [])];
  const messagesOf = (service: Retry['service']) =>
    aside.filter((row) => row.service === service).map((row) => row.message_id);
  const ofOrders = eventRoute('ORDER_CREATED').from;
  return outboxServices.map((service) => ({
    service,
    messageIds: messagesOf(service),
    orderIds: service === ofOrders ? [...new Set(orderIds)] : [],
  }));
}

async function asProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable(messageOf(error), error);
  }
}
