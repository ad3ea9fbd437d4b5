/** What messages can be asked for and what is answered; the command reads this without what makes them. */
import { eventRoutes, maxId, type ServiceName } from '@microshop/topology';
import { type Static, Type } from 'typebox';

/** What can be wrong with a poison message, by the name it has on the command line. */
export const poisonKinds = ['not-json', 'missing-field', 'unknown-type', 'no-id'] as const;

/** One of {@link poisonKinds}. */
export type PoisonKind = (typeof poisonKinds)[number];

/** Services that consume events; each can be given poison. */
export const consumers: readonly ServiceName[] = [...new Set(eventRoutes.map(({ to }) => to))];

/** What message to make. */
export const messageRequestSchema = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('duplicate'),
      order_id: Type.Integer({ minimum: 1, maximum: maxId }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('poison'),
      poison: Type.Enum([...poisonKinds]),
      /** Service whose queue it is sent to. */
      to: Type.Enum([...consumers]),
    },
    { additionalProperties: false },
  ),
]);

/** What message to make. */
export type MessageRequest = Static<typeof messageRequestSchema>;

/** A message that is in a queue now, unless its consumer has taken it. */
export const madeMessageSchema = Type.Object({
  queue: Type.String(),
  consumer: Type.String(),
  type: Type.String(),
  message_id: Type.Union([Type.String(), Type.Null()]),
  order_id: Type.Union([Type.Integer(), Type.Null()]),
  /** Whether that order has ended, and so its event taken effect before; `null` of poison. */
  order_ended: Type.Union([Type.Boolean(), Type.Null()]),
  /** Id of the dead letter that poison becomes; `null` of a duplicate. */
  letter_id: Type.Union([Type.String(), Type.Null()]),
  /** Whether anybody consumes the queue now. */
  consuming: Type.Boolean(),
});

/** A message that is in a queue now, unless its consumer has taken it. */
export type MadeMessage = Static<typeof madeMessageSchema>;
