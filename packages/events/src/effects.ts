/** How messages take effect: one alone in its own trace, several together in one transaction, failures told apart. */
import { databaseErrorKind, errorText } from '@microshop/database/errors';
import type { Sql, TransactionalSql } from '@microshop/database/sql';
import type { EventType } from '@microshop/topology';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { type Delivery, isRead, type ReadDelivery, type Settled } from './delivery.ts';
import { failpoint } from './failpoint.ts';
import type { EventHandler, Handled } from './handler.ts';
import { forgetMessages, recordMessages } from './inbox.ts';
import { type EventEnvelope, PermanentError, readEnvelope } from './message.ts';
import { recordBatch } from './metrics.ts';
import { pause, pauseAfter } from './waiting.ts';

/** What {@link createEffects} needs. */
export interface EffectsOptions {
  readonly queue: string;
  readonly sql: TransactionalSql;
  readonly logger: Logger;
  readonly handlers: Partial<Readonly<Record<EventType, EventHandler>>>;
  readonly afterCommit?: () => void;
  /** Ends the waits between attempts. */
  readonly closing: AbortSignal;
}

/** Makes the effects of messages. */
export interface Effects {
  /** Resolves with what became of each; the deliveries themselves stay as they are. Never rejects. */
  run(batch: readonly Delivery[]): Promise<readonly Settled[]>;
}

/** Attempts of a handler that fails for an unknown reason, before the message counts as poison. */
const unexpectedAttempts = 3;

/**
 * Time a transaction waits for a lock, milliseconds: longer than our own transactions hold one. An event that waits
 * longer is taken out of its batch and handled separately.
 */
const lockTimeoutMs = 250;

const tracer = trace.getTracer('@microshop/events');

/** Effects of the messages of one queue. */
export function createEffects(options: EffectsOptions): Effects {
  const { queue, sql, logger, handlers, afterCommit, closing } = options;
  /** The database is unavailable, and that has been logged. */
  let waiting = false;

  function handlerOf({ type }: EventEnvelope<unknown>): EventHandler {
    const handler = handlers[type];
    if (handler === undefined) throw new PermanentError(`${queue} has no handler for ${type}`);
    return handler;
  }

  /** Reads and checks what was not read yet; poison is settled. */
  function read(delivery: Delivery): ReadDelivery | Settled {
    if (isRead(delivery)) return delivery;
    try {
      const event = readEnvelope(delivery.message, delivery.context);
      const handler = handlerOf(event);
      if (event.refused === undefined) handler.check(event);
      return { ...delivery, event };
    } catch (error) {
      return poison(delivery, error);
    }
  }

  /** Hands events to their handlers, those of a type together. */
  async function handleAll(events: readonly EventEnvelope<unknown>[], tx: Sql): Promise<Required<Handled>> {
    for (const event of events) {
      if (event.refused !== undefined) await handlerOf(event).refuse?.(event, event.refused, tx);
    }
    const wanted = events.filter((event) => event.refused === undefined);
    const handled: Handled[] = [];
    for (const [, ofType] of Map.groupBy(wanted, (event) => event.type)) {
      const [first] = ofType;
      if (first !== undefined) handled.push(await handlerOf(first).handle(ofType, tx));
    }
    return {
      left: handled.flatMap(({ left = [] }) => left),
      afterCommit: handled.flatMap(({ afterCommit = [] }) => afterCommit),
    };
  }

  /**
   * One transaction: new messages take effect, or are put off; for duplicates the earlier outcome is published again.
   */
  async function takeEffect(deliveries: readonly ReadDelivery[]): Promise<readonly Settled[]> {
    const events = deliveries.map((delivery) => delivery.event);
    const { fresh, left, works } = await sql.transaction(async (tx) => {
      const recorded = await recordMessages(tx, events);
      if (recorded.length > 0) failpoint('consumer.handling');
      const handled = await handleAll(recorded, tx);
      const left = new Set(handled.left.map(({ messageId }) => messageId));
      const repeated = events.filter((event) => !recorded.includes(event) && !left.has(event.messageId));
      for (const [, ofType] of Map.groupBy(repeated, (event) => event.type)) {
        const [first] = ofType;
        if (first !== undefined) await handlerOf(first).repeat?.(ofType, tx);
      }
      if (left.size > 0) await forgetMessages(tx, [...left]);
      if (recorded.length > left.size) {
        failpoint(deliveries.length > 1 ? 'consumer.batch' : 'consumer.effect');
      }
      const fresh = new Set(recorded.filter((event) => !left.has(event.messageId)));
      return { fresh, left, works: handled.afterCommit };
    }, lockTimeoutMs);
    if (fresh.size > 0) {
      failpoint('consumer.committed');
      recordBatch(queue, fresh.size);
    }
    for (const work of works) work();
    if (left.size < deliveries.length) afterCommit?.();
    return deliveries.map((delivery) => {
      if (left.has(delivery.event.messageId)) return { delivery, outcome: 'later' };
      const outcome = fresh.has(delivery.event) ? 'done' : 'duplicate';
      tell(delivery, outcome);
      return { delivery, outcome };
    });
  }

  /** Retries while the database is unavailable and the outcome is still wanted: other messages would fail, too. */
  async function attempt(
    deliveries: readonly ReadDelivery[],
  ): Promise<readonly Settled[] | { readonly failed: unknown }> {
    for (let failures = 1; ; failures += 1) {
      try {
        const settled = await takeEffect(deliveries);
        if (waiting) logger.info({ queue }, 'database is available again, messages take effect');
        waiting = false;
        return settled;
      } catch (error) {
        if (error instanceof PermanentError || databaseErrorKind(error) !== 'unavailable')
          return { failed: error };
        if (!waiting) logger.warn({ err: error, queue }, 'database is unavailable, messages wait');
        waiting = true;
      }
      await pause(pauseAfter(failures), closing);
      if (closing.aborted || deliveries.every(({ lane }) => !lane.open)) {
        return deliveries.map((delivery) => ({ delivery, outcome: 'abandoned' }));
      }
    }
  }

  /** In the message's own trace. */
  function alone(delivery: ReadDelivery): Promise<readonly Settled[]> {
    return context.with(delivery.context, async () => {
      const result = await attempt([delivery]);
      return 'failed' in result ? [afterFailure(delivery, result.failed)] : result;
    });
  }

  /** Whether a message that failed has another attempt. */
  function afterFailure(delivery: ReadDelivery, error: unknown): Settled {
    if (error instanceof PermanentError) return poison(delivery, error);
    const { messageId, type } = delivery.event;
    const known = databaseErrorKind(error) === 'contended';
    const unexpected = delivery.unexpected + (known ? 0 : 1);
    if (unexpected === unexpectedAttempts) return poison(delivery, error);
    const level = delivery.postponed === 0 ? 'warn' : 'debug';
    logger[level](
      { err: error, message_id: messageId, type, queue },
      'message failed, it is retried separately from the others',
    );
    return { delivery: { ...delivery, unexpected }, outcome: 'later' };
  }

  /** In a trace of the batch's own, linked both ways. */
  function together(deliveries: readonly ReadDelivery[]): Promise<readonly Settled[]> {
    const links = deliveries.flatMap((delivery) => {
      const own = trace.getSpanContext(delivery.context);
      return own === undefined ? [] : [{ context: own }];
    });
    const attributes = {
      'messaging.system': 'rabbitmq',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.subscription.name': queue,
      'messaging.batch.message_count': deliveries.length,
    };
    const options = { kind: SpanKind.CONSUMER, attributes, links };
    return tracer.startActiveSpan('process batch', options, ROOT_CONTEXT, async (span) => {
      try {
        const result = await attempt(deliveries);
        if (!('failed' in result)) {
          for (const { delivery, outcome } of result) {
            if (outcome !== 'done' && outcome !== 'duplicate') continue;
            trace.getSpan(delivery.context)?.addLink({ context: span.spanContext() });
          }
          return result;
        }
        logger.warn(
          { err: result.failed, queue, messages: deliveries.length },
          'batch failed, each message is retried alone',
        );
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(result.failed) });
        return deliveries.map(
          (delivery): Settled => ({ delivery: { ...delivery, alone: true }, outcome: 'later' }),
        );
      } finally {
        span.end();
      }
    });
  }

  /** In the message's own trace. */
  function tell({ event, context: own }: ReadDelivery, outcome: 'done' | 'duplicate'): void {
    const { messageId, type } = event;
    context.with(own, () => {
      if (outcome === 'done') logger.info({ message_id: messageId, type, queue }, 'message took effect');
      else
        logger.info(
          { message_id: messageId, type },
          'duplicate message ignored, it has already taken effect',
        );
    });
  }

  function poison(delivery: Delivery, error: unknown): Settled {
    const { message, context: own } = delivery;
    const reason = errorText(error);
    const { messageId, type } = message.properties;
    context.with(own, () =>
      logger.error(
        { err: error, message_id: messageId, type, queue },
        'message is poison, moving it to the dead-letter queue',
      ),
    );
    trace.getSpan(own)?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    return { delivery, outcome: { reason } };
  }

  return {
    async run(batch) {
      const looks = batch.map(read);
      const dead = looks.filter((look) => 'outcome' in look);
      const sound = looks.filter((look): look is ReadDelivery => !('outcome' in look));
      const [first] = sound;
      if (first === undefined) return dead;
      return [...dead, ...(sound.length === 1 ? await alone(first) : await together(sound))];
    },
  };
}
