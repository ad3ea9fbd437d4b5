/** What the view of messages gets of its own; dead letters and outboxes have an API that the command shares. */
import { type Static, Type } from 'typebox';
import { nullable } from './schemas.ts';

/** What an outbox holds. */
const outboxSchema = Type.Object({
  service: Type.String(),
  /** Events that will leave by themselves. */
  waiting: Type.Integer(),
  /** Age of the oldest of these, seconds; null when there is none. */
  oldest_s: nullable(Type.Number()),
  /** Events that cannot leave. */
  set_aside: Type.Integer(),
});

/** What a queue holds. */
const queueSchema = Type.Object({
  queue: Type.String(),
  /** The service that consumes it. */
  consumer: Type.String(),
  /** Events that wait in it. */
  ready: Type.Integer(),
  /** Events that consumers hold, some seconds ago: only the statistics tell. Null when they cannot be read. */
  unacked: nullable(Type.Integer()),
  /** Replicas that consume it. */
  consumers: Type.Integer(),
  /** Its dead letters. */
  dead: Type.Integer(),
});

/** Body of `GET /api/console/messages`; what cannot be read is left out of the lists. */
export const messagesSchema = Type.Object({
  outboxes: Type.Array(outboxSchema),
  queues: Type.Array(queueSchema),
  /** What cannot be read now, and why, a sentence each. */
  lacks: Type.Array(Type.String()),
});

/** Events on their way. */
export type Messages = Static<typeof messagesSchema>;
