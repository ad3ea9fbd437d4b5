/** A message in the hands of a consumer. */
import type { Context } from '@opentelemetry/api';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { EventEnvelope } from './message.ts';

/** A channel, and whether it is still open: a message can be acked only on the channel that delivered it. */
export interface OpenChannel {
  readonly channel: ConfirmChannel;
  open: boolean;
  /** What came over it and is not settled. */
  readonly held: Set<ConsumeMessage>;
}

/** A message as it was delivered, and what is known of it by now. */
export interface Delivery {
  readonly lane: OpenChannel;
  readonly message: ConsumeMessage;
  /** Its own span is active in it. */
  readonly context: Context;
  /** What is in it; absent until it was read, and when it is poison. */
  readonly event?: EventEnvelope<unknown>;
  /** It failed together with others: from now on it gets its own transaction. */
  readonly alone: boolean;
  /** Attempts that failed for an unknown reason. */
  readonly unexpected: number;
  /** Times it was put off. */
  readonly postponed: number;
}

/** A delivery that was read. */
export type ReadDelivery = Delivery & { readonly event: EventEnvelope<unknown> };

/** Whether it was read. */
export function isRead(delivery: Delivery): delivery is ReadDelivery {
  return delivery.event !== undefined;
}

/** What became of a message; `later` puts it off, `reason` says why it is poison. */
export type Outcome = 'done' | 'duplicate' | 'abandoned' | 'later' | { readonly reason: string };

/** What became of a delivery, with all that is known of it now. */
export interface Settled {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
}
