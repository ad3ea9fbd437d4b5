/** What can be asked of the outboxes and what is answered; the command reads this without what does it. */
import { maxId, services } from '@microshop/topology';
import { type Static, Type } from 'typebox';

const service = Type.Enum(services.map(({ name }) => name));
const id = Type.Union([Type.Integer(), Type.Null()]);

/** An event that cannot leave by itself. */
const setAsideSchema = Type.Object({
  service,
  message_id: Type.String(),
  type: Type.String(),
  order_id: id,
  /** Since it was written. */
  age_s: Type.Number(),
  reason: Type.String(),
});

/** An order that has not ended while its event is nowhere any more. */
const lostSchema = Type.Object({
  order_id: Type.Integer(),
  /** Its `ORDER_CREATED`; null when that is not in the outbox any more. */
  message_id: Type.Union([Type.String(), Type.Null()]),
  /** Since it was published, or the order placed. */
  age_s: Type.Number(),
});

/** Answer of `./mesh outbox list --json`. */
export const outboxListSchema = Type.Object({
  /** Events that will leave by themselves. */
  waiting: Type.Integer(),
  set_aside_count: Type.Integer(),
  set_aside: Type.Array(setAsideSchema),
  lost_count: Type.Integer(),
  lost: Type.Array(lostSchema),
  /** Events in the queues or in a consumer's hands: while there are any, no order is called lost. */
  under_way: Type.Integer(),
});

/** Answer of `./mesh outbox list --json`. */
export type OutboxList = Static<typeof outboxListSchema>;

/** An event that cannot leave by itself. */
export type SetAside = Static<typeof setAsideSchema>;

/** Age from which a published event whose order has not ended counts as lost, milliseconds. */
export const lostAfterMs = 30_000;

/** Longest age that can be asked for, milliseconds: a day. */
export const longestAgeMs = 86_400_000;

const age = Type.Optional(Type.Integer({ minimum: 0, maximum: longestAgeMs }));
/** What of the outboxes is asked for. */
export const outboxQuestion = Type.Object({ older_than_ms: age });

/** What to send again. */
export const retryBody = Type.Object({
  /** Ids of events that were set aside. */
  message_ids: Type.Optional(
    Type.Array(Type.String({ pattern: '^[0-9a-fA-F-]{36}$' }), { maxItems: 10_000 }),
  ),
  /** Orders that have not ended. */
  order_ids: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: maxId }), { maxItems: 10_000 })),
  /** Every event that was set aside, every event that was lost: those the list names, 1000 of each at a time. */
  set_aside: Type.Optional(Type.Literal(true)),
  lost: Type.Optional(Type.Literal(true)),
  older_than_ms: age,
});

/** What to send again. */
export type RetryBody = Static<typeof retryBody>;

/** An event that leaves again. */
export const retriedEvent = Type.Object({
  message_id: Type.String(),
  type: Type.String(),
  order_id: Type.Union([Type.Integer(), Type.Null()]),
  /** Written again from the order, in a trace of its own: the first was no longer in the outbox. */
  anew: Type.Boolean(),
});

/** An event that leaves again. */
export type RetriedEvent = Static<typeof retriedEvent>;

/** The events that leave again. */
export const retriedSchema = Type.Object({ events: Type.Array(retriedEvent) });
