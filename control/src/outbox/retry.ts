/** Asks services to send events again, and reports what leaves. */
import { randomUUID } from 'node:crypto';
import { outboxQueue, type ServiceName } from '@microshop/topology';
import type { ChannelModel } from 'amqplib';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AuditSources } from '../audit/sources.ts';
import { connected, onChannel } from '../dead-letters/queues.ts';
import { type RetriedEvent, retriedEvent } from './schemas.ts';

/** Time a service has to answer, milliseconds; a request that waited longer is dropped by the broker. */
const answerLimitMs = 10_000;

/** Events of one request. */
const eventsAtOnce = 500;

/** Where RabbitMQ sends answers without a queue of their own. */
const replyQueue = 'amq.rabbitmq.reply-to';

/** What a service answers (`packages/events/src/retries.ts`). */
const replySchema = Type.Union([
  Type.Object({ events: Type.Array(retriedEvent) }),
  Type.Object({ error: Type.String() }),
]);

interface Request {
  readonly message_ids: readonly string[];
  readonly order_ids: readonly number[];
}

/** Events to send again, by the service whose outbox they are in. */
export interface Retry {
  readonly service: ServiceName;
  readonly messageIds: readonly string[];
  readonly orderIds: readonly number[];
}

/** Thrown when a service does not run, does not answer, or could not do it; the message says which. */
export class RetryError extends Error {
  override readonly name: string = 'RetryError';
}

/** Asks; resolves with what leaves again. Throws {@link RetryError}. */
export function sendAgain(sources: AuditSources, retries: readonly Retry[]): Promise<RetriedEvent[]> {
  return connected(sources, async (connection) => {
    const sent: RetriedEvent[] = [];
    for (const { service, messageIds, orderIds } of retries) {
      for (const request of requests(messageIds, orderIds))
        sent.push(...(await ask(connection, service, request)));
    }
    return sent;
  });
}

function* requests(messageIds: readonly string[], orderIds: readonly number[]): Generator<Request> {
  const most = Math.max(messageIds.length, orderIds.length);
  for (let at = 0; at < most; at += eventsAtOnce) {
    yield {
      message_ids: messageIds.slice(at, at + eventsAtOnce),
      order_ids: orderIds.slice(at, at + eventsAtOnce),
    };
  }
}

function ask(connection: ChannelModel, service: ServiceName, request: Request): Promise<RetriedEvent[]> {
  return onChannel(connection, async (channel) => {
    const correlationId = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<RetriedEvent[]>();
    const late = setTimeout(
      () => reject(new RetryError(`${service} did not answer within ${answerLimitMs / 1000} s`)),
      answerLimitMs,
    );
    channel.on('return', () => reject(new RetryError(`${service} does not run, so it cannot send events`)));
    channel.on('close', () => reject(new RetryError('The broker closed the channel')));
    try {
      await channel.consume(
        replyQueue,
        (message) => {
          if (message?.properties.correlationId !== correlationId) return;
          const reply: unknown = JSON.parse(message.content.toString('utf8'));
          if (!Value.Check(replySchema, reply))
            reject(new RetryError(`${service} gave an unexpected answer`));
          else if ('error' in reply) reject(new RetryError(`${service} could not do it: ${reply.error}`));
          else resolve(reply.events);
        },
        { noAck: true },
      );
      channel.sendToQueue(outboxQueue(service), Buffer.from(JSON.stringify(request)), {
        replyTo: replyQueue,
        correlationId,
        expiration: String(answerLimitMs),
        mandatory: true,
      });
      return await promise;
    } finally {
      clearTimeout(late);
    }
  });
}
