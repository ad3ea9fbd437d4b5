/**
 * Sends events of an outbox again when a person asks for it: over the broker, for that is the one way from the control service
 * to every app in both run modes, and the tables stay writable by their service alone.
 */

import type { Sql, TransactionalSql } from '@microshop/database/sql';
import { maxId, outboxQueue, type ServiceName } from '@microshop/topology';
import type { ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Broker } from './broker.ts';
import { type RetriedEvent, setAsideAgain } from './outbox.ts';

/** Events to send again. */
const retryRequestSchema = Type.Object({
  /** Events that were set aside. */
  message_ids: Type.Array(Type.String({ pattern: '^[0-9a-fA-F-]{36}$' }), { maxItems: 1000 }),
  /** Orders that have not ended, whose event is to leave once more. */
  order_ids: Type.Array(Type.Integer({ minimum: 1, maximum: maxId }), { maxItems: 1000 }),
});

/** What is answered: the events that are published again, or why none is. */
type RetryReply = { readonly events: readonly RetriedEvent[] } | { readonly error: string };

/** What {@link serveRetries} needs. */
export interface RetriesOptions {
  readonly service: ServiceName;
  readonly sql: TransactionalSql;
  readonly broker: Broker;
  readonly logger: Logger;
  /** Called after a commit: the relay can poll at once. */
  readonly wake: () => void;
  /** Puts the events of those orders on their way again; a service without orders has none. */
  readonly sendOrdersAgain?: (tx: Sql, orderIds: readonly number[]) => Promise<RetriedEvent[]>;
}

/** Serves them as long as the service runs, and answers each. */
export function serveRetries(options: RetriesOptions): { close(): Promise<void> } {
  const { service, sql, broker, logger, wake, sendOrdersAgain } = options;
  const queue = outboxQueue(service);

  async function retry(message: ConsumeMessage): Promise<RetryReply> {
    try {
      const request: unknown = JSON.parse(message.content.toString('utf8'));
      if (!Value.Check(retryRequestSchema, request)) return { error: 'the request has another form' };
      const { message_ids: messageIds, order_ids: orderIds } = request;
      const events = await sql.transaction(async (tx) => [
        ...(messageIds.length > 0 ? await setAsideAgain(tx, messageIds) : []),
        ...(orderIds.length > 0 ? ((await sendOrdersAgain?.(tx, orderIds)) ?? []) : []),
      ]);
      wake();
      if (events.length > 0) logger.info({ events }, 'events are published again, as requested');
      return { events };
    } catch (error) {
      logger.warn({ err: error, queue }, 'events could not be published again');
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function answer(message: ConsumeMessage): Promise<void> {
    const reply = await retry(message);
    const { replyTo, correlationId }: { replyTo?: unknown; correlationId?: unknown } = message.properties;
    if (typeof replyTo !== 'string' || typeof correlationId !== 'string') return;
    // Not over the channel of the request: a broker that is short of memory stops every connection that publishes, and with
    // this one all consumers. Without an answer the requester can check the result.
    const content = Buffer.from(JSON.stringify(reply));
    const failure = await broker.publish({
      exchange: '',
      routingKey: replyTo,
      content,
      options: { correlationId },
    });
    if (failure !== undefined) {
      logger.warn({ reason: failure.reason, queue }, 'a request to the outbox could not be answered');
    }
  }

  return broker.keepChannel(async (channel) => {
    // deleted with its last consumer: a stopped service cannot be reached
    await channel.assertQueue(queue, { durable: true, autoDelete: true });
    // Not acked: what is asked is answered, or asked again by the person who got no answer.
    await channel.consume(
      queue,
      (message) => {
        if (message !== null) void answer(message);
        else void channel.close().catch(() => undefined);
      },
      { noAck: true },
    );
  });
}
