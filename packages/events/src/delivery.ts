/** A message in the hands of a consumer. */
import type { Context } from '@opentelemetry/api';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { EventEnvelope } from './message.ts';

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
  /** It failed together with others: from now on it goes in a transaction of its own. */
  alone?: true;
  /** Attempts that failed for a reason we know nothing about. */
  unexpected: number;
  /** Times it was put off. */
  postponed: number;
}

/** A delivery that was read. */
export type ReadDelivery = Delivery & { event: EventEnvelope<unknown> };

/** Whether it was read. */
export function isRead(delivery: Delivery): delivery is ReadDelivery {
  return delivery.event !== undefined;
}

/** What became of a message; `later` puts it off, `reason` says why it is poison. */
export type Outcome = 'done' | 'duplicate' | 'abandoned' | 'later' | { readonly reason: string };
