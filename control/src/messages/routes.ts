/** `POST /api/messages`: messages made on purpose, an event that comes once more, and poison. */
import { randomUUID } from 'node:crypto';
import { messageOf } from '@microshop/program-kit/errors';
import { notFound } from '@microshop/service-kit';
import {
  attributes,
  eventExchange,
  eventHeaders,
  eventRoute,
  eventRoutes,
  labOrigin,
  type ServiceName,
} from '@microshop/topology';
import type { Options } from 'amqplib';
import type { FastifyInstance } from 'fastify';
import { type AuditSources, inKeptSnapshot } from '../audit/sources.ts';
import { letterId } from '../dead-letters/dead-letter.ts';
import { connected, onChannel, publishConfirmed } from '../dead-letters/queues.ts';
import { unavailable } from '../service/problem.ts';
import {
  type MadeMessage,
  type MessageRequest,
  madeMessageSchema,
  messageRequestSchema,
  type PoisonKind,
} from './schemas.ts';

/** Thrown when there is nothing that could be sent once more; the message says why. */
export class NothingToRepeatError extends Error {
  override readonly name: string = 'NothingToRepeatError';
}

/** Makes it; resolves when the broker has it in the queue. Throws {@link NothingToRepeatError}, and what the broker does. */
export async function makeMessage(sources: AuditSources, request: MessageRequest): Promise<MadeMessage> {
  return request.kind === 'duplicate'
    ? await repeat(sources, request.order_id)
    : await poison(sources, request.poison, request.to);
}

const repeated = eventRoute('ORDER_CREATED');

interface EventRow {
  readonly ended: boolean;
  readonly message_id: string | null;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly created_ms: number;
}

/** The event of an order once more, as the relay published it: same id, same body, same trace. */
async function repeat(sources: AuditSources, orderId: number): Promise<MadeMessage> {
  const [row] = await inKeptSnapshot(sources, 'orders', ({ query }) =>
    query<EventRow>(
      `select orders.status <> 'PENDING' as ended, message_id, body, headers, extract(epoch from outbox.created_at)::float8 * 1000 as created_ms
       from orders left join outbox
         on outbox.type = $2 and (outbox.body ->> 'order_id')::integer = orders.id
       where orders.id = $1 order by outbox.id limit 1`,
      [orderId, repeated.type],
    ),
  );
  if (row === undefined) throw new NothingToRepeatError(`There is no order ${orderId}`);
  const { ended, message_id: messageId, body, headers, created_ms: createdMs } = row;
  if (messageId === null) {
    throw new NothingToRepeatError(
      `The ${repeated.type} of order ${orderId} is no longer in the outbox: it is removed some minutes after the order has ended. Place a new one`,
    );
  }
  const consuming = await publish(sources, repeated, Buffer.from(JSON.stringify(body)), {
    messageId,
    type: repeated.type,
    timestamp: Math.floor(createdMs / 1000),
    headers: { ...headers, ...fromLab, [eventHeaders.created]: Math.floor(createdMs) },
  });
  return {
    queue: repeated.queue,
    consumer: repeated.to,
    type: repeated.type,
    message_id: messageId,
    order_id: orderId,
    order_ended: ended,
    letter_id: null,
    consuming,
  };
}

/** A message its consumer can never handle. It names no order, so no order waits for it. */
async function poison(sources: AuditSources, kind: PoisonKind, to: ServiceName): Promise<MadeMessage> {
  const route = eventRoutes.find((one) => one.to === to);
  if (route === undefined) throw new Error(`${to} consumes no event`);
  const type = kind === 'unknown-type' ? 'ORDER_MISLAID' : route.type;
  const messageId = kind === 'no-id' ? null : randomUUID();
  const content = Buffer.from(kind === 'not-json' ? '{"order_id":' : '{}');
  const consuming = await publish(sources, route, content, {
    type,
    ...(messageId === null ? {} : { messageId }),
    timestamp: Math.floor(Date.now() / 1000),
    headers: fromLab,
  });
  return {
    queue: route.queue,
    consumer: to,
    type,
    message_id: messageId,
    order_id: null,
    order_ended: null,
    letter_id: letterId(messageId, content),
    consuming,
  };
}

/** Every span of what comes of it bears this origin. */
const fromLab = { baggage: `${attributes.origin}=${labOrigin}` };

/** Publishes it by that route; whether anybody consumes the queue. */
function publish(
  sources: AuditSources,
  { routingKey, queue }: { readonly routingKey: string; readonly queue: string },
  content: Buffer,
  options: Options.Publish,
): Promise<boolean> {
  return connected(sources, (connection) =>
    onChannel(connection, async (channel) => {
      await publishConfirmed(channel, { exchange: eventExchange, routingKey }, content, {
        ...options,
        contentType: 'application/json',
        persistent: true,
      });
      return (await channel.checkQueue(queue)).consumerCount > 0;
    }),
  );
}

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
      request.log.info({ made, asked: request.body }, 'message fault injected');
      return reply.code(201).send(made);
    },
  );
}
