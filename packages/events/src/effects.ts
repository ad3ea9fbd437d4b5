/** How messages take effect: one alone in its own trace, several together in one transaction, failures told apart. */

import { errorText, isTransient } from '@microshop/database-errors';
import type { EventType } from '@microshop/topology';
import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import { pause, pauseAfter } from './back-off.ts';
import { ageOf, readEnvelope } from './envelope.ts';
import { failpoint } from './failpoint.ts';
import type { EventHandler } from './handler.ts';
import { recordMessages } from './inbox.ts';
import type { EventEnvelope } from './message.ts';
import { recordBatch } from './metrics.ts';
import { PermanentError } from './permanent-error.ts';
import type { TransactionalSql } from './sql.ts';

/** A channel and whether it is still there: only on it can its messages be acked. */
export interface OpenChannel {
  readonly channel: ConfirmChannel;
  open: boolean;
}

/** A message as it was delivered. */
export interface Delivery {
  readonly lane: OpenChannel;
  readonly message: ConsumeMessage;
  /** Its own span is active in it. */
  readonly context: Context;
  /** What is in it; absent until it was read, and when it is poison. */
  event?: EventEnvelope<unknown>;
  /** Seconds from the event's outbox to its effect. */
  age?: number;
}

/** What became of a message; `reason` says why it is poison. */
export type Outcome = 'done' | 'duplicate' | 'abandoned' | { readonly reason: string };

/** What {@link createEffects} needs. */
export interface EffectsOptions {
  readonly queue: string;
  readonly sql: TransactionalSql;
  readonly logger: Logger;
  readonly handlers: Partial<Readonly<Record<EventType, EventHandler>>>;
  readonly afterCommit?: () => void;
  /** Ends the waits between tries. */
  readonly closing: AbortSignal;
}

/** Makes the effects of messages. */
export interface Effects {
  /** Resolves when each has been settled, once. Never rejects. */
  run(
    batch: readonly Delivery[],
    settle: (delivery: Delivery, outcome: Outcome) => Promise<void>,
  ): Promise<void>;
}

type ReadDelivery = Delivery & { event: EventEnvelope<unknown> };

/** Tries of a handler that fails for a reason we know nothing about, before the message counts as poison. */
const unexpectedTries = 3;

const tracer = trace.getTracer('@microshop/events');

/** Effects of the messages of one queue. */
export function createEffects(options: EffectsOptions): Effects {
  const { queue, sql, logger, handlers, afterCommit, closing } = options;

  function handlerOf({ type }: EventEnvelope<unknown>): EventHandler {
    const handler = handlers[type];
    if (handler === undefined) throw new PermanentError(`${queue} has no handler for ${type}`);
    return handler;
  }

  /** Reads and checks; poison is told by its reason. */
  function read(delivery: Delivery): { reason: string } | undefined {
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

  /** One transaction. Returns those that took effect; the others had before. */
  async function takeEffect(deliveries: readonly ReadDelivery[]): Promise<ReadonlySet<ReadDelivery>> {
    const byEvent = new Map(deliveries.map((delivery) => [delivery.event, delivery]));
    const works: (() => void)[] = [];
    const keep = (work: () => void) => void works.push(work);
    const fresh = await sql.transaction(async (tx) => {
      const events = await recordMessages(tx, [...byEvent.keys()]);
      if (events.length === 0) return events;
      failpoint('consumer.handling');
      for (const event of events) {
        if (event.refused !== undefined) await handlerOf(event).refuse?.(event, event.refused, tx, keep);
      }
      const wanted = events.filter((event) => event.refused === undefined);
      for (const [, ofType] of Map.groupBy(wanted, (event) => event.type)) {
        const [first] = ofType;
        if (first !== undefined) await handlerOf(first).handle(ofType, tx, keep);
      }
      failpoint(deliveries.length > 1 ? 'consumer.batch' : 'consumer.effect');
      return events;
    });
    if (fresh.length > 0) {
      failpoint('consumer.committed');
      for (const work of works) work();
      afterCommit?.();
      recordBatch(queue, fresh.length);
    }
    const done = fresh.flatMap((event) => byEvent.get(event) ?? []);
    for (const delivery of done) {
      const { messageId, type } = delivery.event;
      context.with(delivery.context, () =>
        logger.info({ message_id: messageId, type, queue }, 'message took effect'),
      );
      const age = ageOf(delivery.message);
      if (age !== undefined) delivery.age = age;
    }
    return new Set(done);
  }

  /**
   * Tries until it works, or the failure stays: then `failed` holds it. A transient failure is tried as long as anybody
   * wants the outcome.
   */
  async function persist<T>(
    deliveries: readonly ReadDelivery[],
    tries: number,
    work: () => Promise<T>,
  ): Promise<{ value: T } | { failed: unknown } | 'abandoned'> {
    for (let transient = 0, unexpected = 0; ; ) {
      try {
        return { value: await work() };
      } catch (error) {
        if (error instanceof PermanentError) return { failed: error };
        if (isTransient(error)) {
          transient += 1;
          if (transient === 1) logger.warn({ err: error, queue }, 'effect waits, trying again');
        } else {
          unexpected += 1;
          if (unexpected === tries) return { failed: error };
        }
        await pause(pauseAfter(transient + unexpected), closing);
        if (closing.aborted || deliveries.every(({ lane }) => !lane.open)) return 'abandoned';
      }
    }
  }

  /** In the message's own trace. */
  function alone(delivery: ReadDelivery): Promise<Outcome> {
    return context.with(delivery.context, async () => {
      const result = await persist([delivery], unexpectedTries, () => takeEffect([delivery]));
      if (result === 'abandoned') return 'abandoned';
      if ('failed' in result) return poison(delivery, result.failed);
      return result.value.has(delivery) ? 'done' : duplicate(delivery);
    });
  }

  /** In a trace of the batch's own, linked both ways. Undefined when one of them fails: then each must go alone. */
  function together(
    deliveries: readonly ReadDelivery[],
  ): Promise<ReadonlySet<ReadDelivery> | 'abandoned' | undefined> {
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
      for (const delivery of deliveries) {
        trace.getSpan(delivery.context)?.addLink({ context: span.spanContext() });
      }
      try {
        const result = await persist(deliveries, 1, () => takeEffect(deliveries));
        if (result === 'abandoned') return 'abandoned';
        if ('value' in result) return result.value;
        const error = result.failed;
        logger.warn(
          { err: error, queue, messages: deliveries.length },
          'batch failed, each message goes alone',
        );
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(error) });
        return undefined;
      } finally {
        span.end();
      }
    });
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
    async run(batch, settle) {
      /** In the message's own trace, so that what is published about it stays there. */
      const end = (delivery: Delivery, outcome: Outcome) =>
        context.with(delivery.context, () => settle(delivery, outcome));
      const sound: ReadDelivery[] = [];
      for (const delivery of batch) {
        const dead = read(delivery);
        if (dead !== undefined) await end(delivery, dead);
        else if (isRead(delivery)) sound.push(delivery);
      }
      const done = sound.length > 1 ? await together(sound) : undefined;
      for (const delivery of sound) {
        if (done === undefined) await end(delivery, await alone(delivery));
        else if (done === 'abandoned') await end(delivery, 'abandoned');
        else await end(delivery, done.has(delivery) ? 'done' : duplicate(delivery));
      }
    },
  };
}

function isRead(delivery: Delivery): delivery is ReadDelivery {
  return delivery.event !== undefined;
}
