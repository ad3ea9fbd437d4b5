/** Consumes a queue: each message takes effect once, in one transaction with its inbox row. */
import { type EventType, eventRoutes } from '@microshop/topology';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { pause, pauseAfter } from './back-off.ts';
import type { Broker } from './broker.ts';
import { deadLetter } from './dead-letter.ts';
import { isTransient, PermanentError } from './failures.ts';
import type { EventEnvelope } from './message.ts';
import type { Sql, TransactionalSql } from './sql.ts';

/** Keeps work for when the effect is committed: once for each event that took effect. It must not throw. */
export type AfterCommit = (work: () => void) => void;

/** Does what an event asks for, in the transaction that records it. Throws {@link PermanentError} for poison. */
export type EventHandler = (
  event: EventEnvelope<unknown>,
  tx: Sql,
  afterCommit: AfterCommit,
) => Promise<void>;

/** A handler for bodies of that schema; any other body is poison. */
export function handles<S extends TSchema>(
  body: S,
  handle: (event: EventEnvelope<Static<S>>, tx: Sql, afterCommit: AfterCommit) => Promise<void>,
): EventHandler {
  return async (event, tx, afterCommit) => {
    const content = event.body;
    if (!Value.Check(body, content)) {
      const [first] = Value.Errors(body, content);
      throw new PermanentError(
        `body${first?.instancePath ?? ''} ${first?.message ?? 'does not fit its schema'}`,
      );
    }
    await handle({ ...event, body: content }, tx, afterCommit);
  };
}

/** What {@link startConsumer} needs. */
export interface ConsumerOptions {
  readonly broker: Broker;
  readonly queue: string;
  readonly sql: TransactionalSql;
  readonly logger: Logger;
  readonly handlers: Partial<Readonly<Record<EventType, EventHandler>>>;
  /** Messages handled at the same time, each in a transaction of its own. */
  readonly concurrency?: number;
  /** Called after a commit: what was written to the outbox can leave at once. */
  readonly afterCommit?: () => void;
}

/** A running consumer. */
export interface Consumer {
  /** Takes no more messages, finishes those under way, acks them. */
  close(): Promise<void>;
}

/** Tries of a handler that fails for a reason we know nothing about, before the message counts as poison. */
const unexpectedTries = 3;

/** Starts a consumer, now or whenever the broker is there. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { broker, queue, sql, logger, handlers, concurrency = 8, afterCommit } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let consumerTag = '';

  const kept = broker.keepChannel(async (channel) => {
    await channel.prefetch(concurrency);
    const reply = await channel.consume(queue, (message) => {
      // null: the broker cancelled the consumer (queue deleted); a new channel declares and consumes again
      if (message === null) {
        void channel.close().catch(() => undefined);
        return;
      }
      if (closing.signal.aborted) return;
      const work: Promise<void> = take(channel, message).finally(() => underWay.delete(work));
      underWay.add(work);
    });
    consumerTag = reply.consumerTag;
  });

  /** Never rejects. Runs in the context of the message's own span, which ends with the ack. */
  async function take(channel: ConfirmChannel, message: ConsumeMessage): Promise<void> {
    let open = true;
    channel.once('close', () => {
      open = false;
    });
    try {
      const outcome = await handle(message, () => open && !closing.signal.aborted);
      // Not acked: the broker gives it to another consumer, or to us again.
      if (outcome === 'abandoned' || !open) return;
      if (outcome !== 'done') await deadLetter(channel, queue, message, outcome.reason);
      channel.ack(message);
    } catch (error) {
      logger.warn(
        { err: error, message_id: message.properties.messageId },
        'message not acked, it will come again',
      );
    }
  }

  async function handle(
    message: ConsumeMessage,
    wanted: () => boolean,
  ): Promise<'done' | 'abandoned' | { reason: string }> {
    let event: EventEnvelope<unknown>;
    try {
      event = readEnvelope(message);
    } catch (error) {
      return poison(message, error);
    }
    for (let transient = 0, unexpected = 0; ; ) {
      try {
        await takeEffect(event);
        return 'done';
      } catch (error) {
        if (error instanceof PermanentError) return poison(message, error);
        if (isTransient(error)) {
          transient += 1;
          if (transient === 1)
            logger.warn({ err: error, message_id: event.messageId }, 'effect waits, trying again');
        } else {
          unexpected += 1;
          if (unexpected === unexpectedTries) return poison(message, error);
        }
        await pause(pauseAfter(transient + unexpected), closing.signal);
        if (!wanted()) return 'abandoned';
      }
    }
  }

  async function takeEffect(event: EventEnvelope<unknown>): Promise<void> {
    const handler = handlers[event.type];
    if (handler === undefined) throw new PermanentError(`${queue} has no handler for ${event.type}`);
    const works: (() => void)[] = [];
    const fresh = await sql.transaction(async (tx) => {
      const recorded = await tx.query(
        'insert into inbox (message_id, type) values ($1, $2) on conflict do nothing returning message_id',
        [event.messageId, event.type],
      );
      if (recorded.length === 0) return false;
      await handler(event, tx, (work) => works.push(work));
      return true;
    });
    if (fresh) {
      for (const work of works) work();
      logger.info({ message_id: event.messageId, type: event.type, queue }, 'message took effect');
      afterCommit?.();
    } else
      logger.info(
        { message_id: event.messageId, type: event.type },
        'message came again, its effect stays one',
      );
  }

  function poison(message: ConsumeMessage, error: unknown): { reason: string } {
    const reason = error instanceof Error ? error.message : String(error);
    const { messageId, type } = message.properties;
    logger.error(
      { err: error, message_id: messageId, type, queue },
      'message is poison, goes to the dead-letter queue',
    );
    trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    return { reason };
  }

  return {
    async close() {
      closing.abort();
      // A channel that is gone has no consumer to cancel.
      await kept
        .current()
        ?.cancel(consumerTag)
        .catch(() => undefined);
      await Promise.all(underWay);
      await kept.close();
    },
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function readEnvelope(message: ConsumeMessage): EventEnvelope<unknown> {
  const { messageId, type }: { messageId?: unknown; type?: unknown } = message.properties;
  if (typeof messageId !== 'string' || !uuid.test(messageId))
    throw new PermanentError('messageId is not a UUID');
  const known = eventRoutes.find((route) => route.type === type);
  if (known === undefined)
    throw new PermanentError(`type ${JSON.stringify(type)} is not an event of the shop`);
  try {
    const body: unknown = JSON.parse(message.content.toString('utf8'));
    return { messageId, type: known.type, body };
  } catch (error) {
    throw new PermanentError('the body is not JSON', { cause: error });
  }
}
