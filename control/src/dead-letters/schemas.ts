/** What is known of dead letters, and what can be done with them; nothing here needs Node. */
import { type Static, Type } from 'typebox';

/** One message in a dead-letter queue. */
export const deadLetterSchema = Type.Object({
  /** Its `messageId`; without one `sha256:` and the begin of the hash of its content. */
  id: Type.String(),
  /** The queue it could not be consumed from. */
  queue: Type.String(),
  type: Type.Union([Type.String(), Type.Null()]),
  /** The order it is about, when its body names one. */
  order_id: Type.Union([Type.Integer(), Type.Null()]),
  /** Why it is dead. */
  reason: Type.String(),
  /** Trace it belongs to, 32 hex digits. */
  trace_id: Type.Union([Type.String(), Type.Null()]),
  /** When the event was published, RFC 3339. */
  published_at: Type.Union([Type.String(), Type.Null()]),
});

/** One message in a dead-letter queue. */
export type DeadLetter = Static<typeof deadLetterSchema>;

/** What became of a dead letter, with what else follows from it. */
export const actionResultSchema = Type.Object({ letter: deadLetterSchema, outcome: Type.String() });

/** What became of a dead letter. */
export type ActionResult = Static<typeof actionResultSchema>;

/** Which dead letters: those of these ids, or all. */
export type Selection = readonly string[] | 'all';

/** Answer of `GET /api/dead-letters`. */
export const letterListSchema = Type.Object({ dead_letters: Type.Array(deadLetterSchema) });

/** Answer of `POST /api/dead-letters/replay` and `/drop`. */
export const actedSchema = Type.Object({ results: Type.Array(actionResultSchema) });

/** Longest reason for which a letter is dropped, characters. */
export const longestReason = 200;
