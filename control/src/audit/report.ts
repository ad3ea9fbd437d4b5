/** What an audit says, and the verdict on what was read. Reads nothing itself. */
import { type Static, Type } from 'typebox';
import { deadLetterSchema } from '../dead-letters/schemas.ts';
import { countOf, type Found, isUnread, notLooked, together, type Unread } from './found.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Evidence } from './read.ts';

const count = Type.Integer({ minimum: 0 });
/** Longest time to settle, milliseconds; an HTTP call should not hang longer. */
export const longestSettleMs = 300_000;

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
  /** Time it took to settle, or that was waited without it settling, milliseconds. */
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
  /** Orders that no client was promised: their key was refused, their user does not exist, or they are not whole. */
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

/** Answer of `GET /api/audit/last`: the last one since the control service was started, whoever asked for it. */
export const lastAuditSchema = Type.Object({
  last: Type.Union([
    Type.Object({
      /** When it ended, milliseconds since the epoch. */
      at: Type.Integer(),
      audit: auditSchema,
    }),
    Type.Null(),
  ]),
});

/** The last audit. */
export type LastAudit = Static<typeof lastAuditSchema>;

/** One invariant of the contract. */
export type Invariant = Static<typeof invariantSchema>;

/** What an audit comes to: an invariant is broken; it did not settle, or something could not be read; or all holds. */
export function outcomeOf({ settled, unread, invariants }: Audit): 'held' | 'broken' | 'unproven' {
  if (invariants.some(({ verdict }) => verdict === 'BROKEN')) return 'broken';
  return settled && unread.length === 0 ? 'held' : 'unproven';
}

/** The sentences of the contract. */
export const auditedInvariants = {
  I1: 'every acknowledged order exists',
  I2: 'one order per key, of a user that exists, whole, its stock taken once',
  I3a: 'for each product the stock is the sum of its movements and not below zero',
  I3b: 'the stock taken is that of the confirmed orders',
  I4: 'every order has ended or its message is in a DLQ, and the outboxes are empty',
} as const;

function invariant(
  id: keyof typeof auditedInvariants,
  found: Found,
  unsettled: readonly string[] = [],
): Invariant {
  const unknown = [...new Set([...found.unread, ...unsettled])].join('; ');
  const verdict = found.count > 0 ? 'BROKEN' : unknown === '' ? 'OK' : 'UNKNOWN';
  return {
    id,
    says: auditedInvariants[id],
    verdict,
    why: verdict === 'UNKNOWN' ? unknown : '',
    broken_count: found.count,
    broken_by: [...found.first],
  };
}

/** The verdict. */
export function reconcile(
  evidence: Evidence,
  ledger: readonly LedgerEntry[] | undefined,
): Omit<Audit, 'waited_ms'> {
  const { orders, outboxes, depths, deadLetters, pending, unacked } = evidence;
  const sum = <T>(parts: readonly (T | Unread)[], count: (part: T) => number): number =>
    parts.reduce((total, part) => total + (isUnread(part) ? 0 : count(part)), 0);
  const waiting = sum(outboxes, (outbox) => outbox.waiting);
  const ready = sum(depths, (queue) => queue.ready);
  const onTheWay = [
    waiting > 0 ? `${waiting} events wait in the outboxes` : '',
    ready > 0 ? `${ready} events wait in the queues` : '',
    !isUnread(unacked) && unacked > 0 ? `${unacked} events are being consumed` : '',
    !isUnread(pending) && pending.young > 0 ? 'orders are still being placed' : '',
  ].filter((reason) => reason !== '');
  const hidden = unreadIn([...outboxes, ...depths, ...deadLetters, pending, unacked]);
  const settled = hidden.length === 0 && onTheWay.length === 0;
  const unsettled = hidden.length === 0 ? onTheWay : hidden;

  const setAside = together(
    ...outboxes.map((outbox) => (isUnread(outbox) ? notLooked(outbox.unread) : outbox.setAside)),
  );
  const waits = isUnread(pending) ? notLooked(pending.unread) : pending.unexcused;
  const stuck = settled ? waits : notLooked(...unsettled);
  const lost = ledger === undefined ? notLooked('needs a ledger') : evidence.lost;
  const twice = together(evidence.keysTwice, evidence.twice);
  const unexpected = together(evidence.refused, evidence.ofNobody, evidence.notWhole);
  const outboxUnread = outboxes.some(isUnread);
  const letterUnread = deadLetters.some(isUnread);
  const found = [twice, unexpected, evidence.wrongStock, evidence.oversold, evidence.unlike, evidence.lost];

  return {
    settled,
    unread: [...new Set([...found.flatMap(({ unread }) => unread), ...hidden, ...unreadIn([orders])])],
    orders: isUnread(orders)
      ? { total: null, pending: null, confirmed: null, rejected: null }
      : { ...orders },
    attempted: ledger === undefined ? null : new Set(ledger.map(({ key }) => key)).size,
    acknowledged:
      ledger === undefined ? null : new Set(ledger.filter(isAcknowledged).map(({ key }) => key)).size,
    lost: countOf(lost),
    doubled: countOf(twice),
    unexpected: countOf(unexpected),
    oversold: countOf(evidence.oversold),
    stuck: countOf(stuck),
    left_in_outbox: outboxUnread ? null : waiting + setAside.count,
    in_dlq: letterUnread ? null : sum(deadLetters, (queue) => queue.count),
    ids: {
      lost: [...lost.first],
      doubled: [...twice.first],
      unexpected: [...unexpected.first],
      oversold: [...evidence.oversold.first],
      stuck: [...stuck.first],
      set_aside: [...setAside.first],
    },
    dead_letters: deadLetters.flatMap((queue) => (isUnread(queue) ? [] : [...(queue.letters ?? [])])),
    invariants: [
      invariant('I1', lost),
      invariant('I2', together(twice, unexpected)),
      invariant('I3a', together(evidence.wrongStock, evidence.oversold)),
      invariant('I3b', evidence.unlike, unsettled),
      invariant('I4', together(stuck, setAside), unsettled),
    ],
  };
}

function isAcknowledged({ status, order_id: orderId }: LedgerEntry): boolean {
  return status === 201 && orderId !== null;
}

function unreadIn(parts: readonly unknown[]): string[] {
  return [...new Set(parts.filter(isUnread).map(({ unread }) => unread))];
}
