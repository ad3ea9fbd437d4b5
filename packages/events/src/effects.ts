/** How messages take effect: one alone in its own trace, several together in one transaction, failures told apart. */
import { databaseErrorKind, errorText } from '@microshop/database-errors';
import type { EventType } from '@microshop/topology';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { pause, pauseAfter } from './back-off.ts';
import { type Delivery, isRead, type Outcome, type ReadDelivery } from './delivery.ts';
import { ageOf, readEnvelope } from './envelope.ts';
import { failpoint } from './failpoint.ts';
import type { EventHandler } from './handler.ts';
import { forgetMessages, recordMessages } from './inbox.ts';
import type { EventEnvelope } from './message.ts';
import { recordBatch } from './metrics.ts';
import { PermanentError } from './permanent-error.ts';
import type { Sql, TransactionalSql } from './sql.ts';

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

/** What became of each message. */
export type Outcomes = ReadonlyMap<Delivery, Outcome>;

/** Makes the effects of messages. */
export interface Effects {
  /** Resolves with the outcome of each. Never rejects. */
  run(batch: readonly Delivery[]): Promise<Outcomes>;
}

/** Attempts of a handler that fails for a reason we know nothing about, before the message counts as poison. */
const unexpectedAttempts = 3;

/**
 * Time a transaction waits for a lock, milliseconds: longer than other transactions of ours hold one. What waits longer
 * goes on beside the others.
 */
const lockTimeoutMs = 250;

const tracer = trace.getTracer('@microshop/events');

/** Effects of the messages of one queue. */
export function createEffects(options: EffectsOptions): Effects {
  const { queue, sql, logger, handlers, afterCommit, closing } = options;
  /** The database is unavailable, and that has been told. */
  let waiting = false;

  function handlerOf({ type }: EventEnvelope<unknown>): EventHandler {
    const handler = handlers[type];
    if (handler === undefined) throw new PermanentError(`${queue} has no handler for ${type}`);
    return handler;
  }

  /** Reads and checks; poison is told by its reason. */
  function read(delivery: Delivery): { reason: string } | undefined {
    if (isRead(delivery)) return undefined;
    try {
      const event = readEnvelope(delivery.message, delivery.context);
      const handler = handlerOf(event);
      if (event.refused === undefined) handler.check(event);
      delivery.event = event;
      return undefined;
    } catch (error) {
      return poison(delivery, error);
    }
  }

  /** Hands events to their handlers, those of a type together. */
  async function handleAll(
    events: readonly EventEnvelope<unknown>[],
    tx: Sql,
    keep: (work: () => void) => void,
    leave: (event: EventEnvelope<unknown>) => void,
  ): Promise<void> {
    for (const event of events) {
      if (event.refused !== undefined) await handlerOf(event).refuse?.(event, event.refused, tx, keep);
    }
    const wanted = events.filter((event) => event.refused === undefined);
    for (const [, ofType] of Map.groupBy(wanted, (event) => event.type)) {
      const [first] = ofType;
      if (first !== undefined) await handlerOf(first).handle(ofType, tx, keep, leave);
    }
  }

  /** One transaction: those that are new take effect, or are put off; for the others it is said again what came of them. */
  async function takeEffect(deliveries: readonly ReadDelivery[]): Promise<Outcomes> {
    const events = deliveries.map((delivery) => delivery.event);
    const works: (() => void)[] = [];
    const left = new Set<string>();
    const fresh = await sql.transaction(async (tx) => {
      const recorded = await recordMessages(tx, events);
      if (recorded.length > 0) failpoint('consumer.handling');
      await handleAll(
        recorded,
        tx,
        (work) => void works.push(work),
        (event) => void left.add(event.messageId),
      );
      const repeated = events.filter((event) => !recorded.includes(event) && !left.has(event.messageId));
      for (const [, ofType] of Map.groupBy(repeated, (event) => event.type)) {
        const [first] = ofType;
        if (first !== undefined) await handlerOf(first).repeat?.(ofType, tx);
      }
      if (left.size > 0) await forgetMessages(tx, [...left]);
      if (recorded.length > left.size) {
        failpoint(deliveries.length > 1 ? 'consumer.batch' : 'consumer.effect');
      }
      return new Set(recorded.filter((event) => !left.has(event.messageId)));
    }, lockTimeoutMs);
    if (fresh.size > 0) {
      failpoint('consumer.committed');
      recordBatch(queue, fresh.size);
    }
    for (const work of works) work();
    if (left.size < deliveries.length) afterCommit?.();
    return new Map(
      deliveries.map((delivery): [Delivery, Outcome] => {
        if (left.has(delivery.event.messageId)) return [delivery, 'later'];
        return [delivery, fresh.has(delivery.event) ? done(delivery) : duplicate(delivery)];
      }),
    );
  }

  /** Attempts as long as the database is unavailable and anybody wants the outcome: meanwhile all others would fail, too. */
  async function attempt(
    deliveries: readonly ReadDelivery[],
  ): Promise<Outcomes | 'abandoned' | { readonly failed: unknown }> {
    for (let failures = 1; ; failures += 1) {
      try {
        const outcomes = await takeEffect(deliveries);
        if (waiting) logger.info({ queue }, 'database serves again, messages take effect');
        waiting = false;
        return outcomes;
      } catch (error) {
        if (error instanceof PermanentError || databaseErrorKind(error) !== 'unavailable')
          return { failed: error };
        if (!waiting) logger.warn({ err: error, queue }, 'database is unavailable, messages wait');
        waiting = true;
      }
      await pause(pauseAfter(failures), closing);
      if (closing.aborted || deliveries.every(({ lane }) => !lane.open)) return 'abandoned';
    }
  }

  /** In the message's own trace. */
  function alone(delivery: ReadDelivery): Promise<Outcomes> {
    return context.with(delivery.context, async () => {
      const result = await attempt([delivery]);
      if (result === 'abandoned') return all([delivery], 'abandoned');
      return 'failed' in result ? all([delivery], failed(delivery, result.failed)) : result;
    });
  }

  /** Whether a message that failed has another attempt. */
  function failed(delivery: ReadDelivery, error: unknown): Outcome {
    if (error instanceof PermanentError) return poison(delivery, error);
    const { messageId, type } = delivery.event;
    if (databaseErrorKind(error) !== 'contended') delivery.unexpected += 1;
    if (delivery.unexpected === unexpectedAttempts) return poison(delivery, error);
    const told = delivery.postponed === 0 ? 'warn' : 'debug';
    logger[told](
      { err: error, message_id: messageId, type, queue },
      'message failed, goes again beside the others',
    );
    return 'later';
  }

  /** In a trace of the batch's own, linked both ways. */
  function together(deliveries: readonly ReadDelivery[]): Promise<Outcomes> {
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
        if (result === 'abandoned') return all(deliveries, 'abandoned');
        if (!('failed' in result)) {
          for (const [{ context: own }, outcome] of result) {
            if (outcome !== 'later') trace.getSpan(own)?.addLink({ context: span.spanContext() });
          }
          return result;
        }
        logger.warn(
          { err: result.failed, queue, messages: deliveries.length },
          'batch failed, each message goes alone',
        );
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(result.failed) });
        for (const delivery of deliveries) delivery.alone = true;
        return all(deliveries, 'later');
      } finally {
        span.end();
      }
    });
  }

  function done(delivery: ReadDelivery): 'done' {
    const { messageId, type } = delivery.event;
    context.with(delivery.context, () =>
      logger.info({ message_id: messageId, type, queue }, 'message took effect'),
    );
    const age = ageOf(delivery.message);
    if (age !== undefined) delivery.age = age;
    return 'done';
  }

  function duplicate(delivery: ReadDelivery): 'duplicate' {
    const { messageId, type } = delivery.event;
    context.with(delivery.context, () =>
      logger.info({ message_id: messageId, type }, 'message came again, its effect stays one'),
    );
    return 'duplicate';
  }

  function poison({ message, context: own }: Delivery, error: unknown): { reason: string } {
    const reason = errorText(error);
    const { messageId, type } = message.properties;
    context.with(own, () =>
      logger.error(
        { err: error, message_id: messageId, type, queue },
        'message is poison, goes to the dead-letter queue',
      ),
    );
    trace.getSpan(own)?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    return { reason };
  }

  return {
    async run(batch) {
      const outcomes = new Map<Delivery, Outcome>();
      for (const delivery of batch) {
        const dead = read(delivery);
        if (dead !== undefined) outcomes.set(delivery, dead);
      }
      const sound = batch.filter(isRead);
      const [first] = sound;
      if (first === undefined) return outcomes;
      const effects = sound.length === 1 ? await alone(first) : await together(sound);
      return new Map([...outcomes, ...effects]);
    },
  };
}

function all(deliveries: readonly Delivery[], outcome: Outcome): Outcomes {
  return new Map(deliveries.map((delivery) => [delivery, outcome]));
}
