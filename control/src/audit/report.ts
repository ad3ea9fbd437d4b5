/** What an audit says. */
import { type Static, Type } from 'typebox';
import { deadLetterSchema } from '../dead-letters/dead-letter.ts';

const count = Type.Integer({ minimum: 0 });
/** Null where a source could not be read, or needs a ledger that was not given. */
const known = Type.Union([count, Type.Null()]);
/** The first 100; the count beside them counts all. */
const names = Type.Array(Type.String());

/** One invariant of the contract. */
export const invariantSchema = Type.Object({
  id: Type.Union([
    Type.Literal('I1'),
    Type.Literal('I2'),
    Type.Literal('I3a'),
    Type.Literal('I3b'),
    Type.Literal('I4'),
  ]),
  says: Type.String(),
  verdict: Type.Union([Type.Literal('OK'), Type.Literal('BROKEN'), Type.Literal('UNKNOWN')]),
  /** Why it is UNKNOWN; empty otherwise. */
  why: Type.String(),
  /** How many things break it. */
  broken_count: count,
  /** What breaks it: `order 7: …`, `key …`, `product 3: …`. */
  broken_by: names,
});

/** Answer of `./mesh audit --json` and of the control service. */
export const auditSchema = Type.Object({
  /** Whether nothing was on its way any more when it was read. */
  settled: Type.Boolean(),
  /** Time it took to settle, or that was waited in vain, milliseconds. */
  waited_ms: count,
  /** What could not be read, and why. */
  unread: Type.Array(Type.String()),
  orders: Type.Object({ total: known, pending: known, confirmed: known, rejected: known }),
  /** Keys in the ledger, and those of them that were answered 201. */
  attempted: known,
  acknowledged: known,
  /** Acknowledged orders that do not exist. */
  lost: known,
  /** Keys with two orders, and orders whose stock was taken twice. */
  doubled: known,
  /** Orders nobody can have been promised: their key was refused, their user does not exist, or they are not whole. */
  unexpected: known,
  /** Products of which more was sold than there ever was. */
  oversold: known,
  /** Orders that are pending while nothing is on its way for them. */
  stuck: known,
  /** Events that have not left, those set aside included. */
  left_in_outbox: known,
  in_dlq: known,
  /** What the counts count. */
  ids: Type.Object({
    lost: names,
    doubled: names,
    unexpected: names,
    oversold: names,
    stuck: names,
    set_aside: names,
  }),
  /** Those that have been read: `./mesh dlq list` reads all. */
  dead_letters: Type.Array(deadLetterSchema),
  invariants: Type.Array(invariantSchema),
});

/** What an audit says. */
export type Audit = Static<typeof auditSchema>;

/** One invariant of the contract. */
export type Invariant = Static<typeof invariantSchema>;

/** What an audit comes to: an invariant is broken; it did not settle, or something could not be read; or all holds. */
export function outcomeOf({ settled, unread, invariants }: Audit): 'held' | 'broken' | 'unproven' {
  if (invariants.some(({ verdict }) => verdict === 'BROKEN')) return 'broken';
  return settled && unread.length === 0 ? 'held' : 'unproven';
}
