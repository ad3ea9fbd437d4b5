/**
 * `/api/audit`: whether every order is accounted for. It reads until everything has settled and is right, or the time
 * is over.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { DeadLetterBook } from '../dead-letters/book.ts';
import { heldMessages } from './events.ts';
import { type LedgerEntry, ledgerEntrySchema } from './ledger.ts';
import { readEvidence, reading, somethingMoves } from './read.ts';
import {
  type Audit,
  auditSchema,
  type LastAudit,
  lastAuditSchema,
  longestSettleMs,
  reconcile,
} from './report.ts';
import type { AuditSources } from './sources.ts';

/** Shortest pause between two readings, milliseconds; never shorter than a reading takes. */
const readEveryMs = 250;

/** What an audit is asked. */
export interface AuditQuestion {
  /** Time in which everything may come to rest, milliseconds. */
  readonly settleMs: number;
  readonly ledger: readonly LedgerEntry[] | undefined;
  /** Orders that were stuck before, as `ids.stuck` of that audit names them: they are reported, and not waited for. */
  readonly stuckBefore?: readonly string[];
}

/**
 * Reads and judges until nothing is on its way and no order waits, or the time is over; then the last verdict stands. So what
 * is merely on its way is never called broken.
 */
export async function audit(
  sources: AuditSources,
  book: DeadLetterBook,
  { settleMs, ledger, stuckBefore = [] }: AuditQuestion,
): Promise<Audit> {
  const began = performance.now();
  const waited = () => performance.now() - began;
  for (;;) {
    while (waited() < settleMs && (await somethingMoves(sources))) await delay(readEveryMs);
    const last = waited() >= settleMs;
    const readFrom = performance.now();
    const evidence = await readEvidence(sources, book, ledger);
    const verdict = reconcile(evidence, ledger);
    // a fault in settled rows does not go away by waiting
    const final = verdict.settled && verdict.unread.length === 0 && !isStuckSince(verdict, stuckBefore);
    const noneStuck = (verdict.stuck ?? 0) === 0;
    if (final || (last && noneStuck)) return { ...verdict, waited_ms: Math.round(waited()) };
    if (last) {
      // an order whose event a consumer is handling is not stuck, nor is one that ended during this check
      const unacked = await reading('RabbitMQ', heldMessages(sources));
      const again = await readEvidence(sources, book, ledger);
      return { ...reconcile({ ...again, unacked }, ledger), waited_ms: Math.round(waited()) };
    }
    await delay(Math.max(readEveryMs, performance.now() - readFrom));
  }
}

/** Whether another order is stuck than those; of more than are named the rest may be others. */
function isStuckSince({ stuck, ids }: Pick<Audit, 'stuck' | 'ids'>, before: readonly string[]): boolean {
  return stuck !== ids.stuck.length || ids.stuck.some((order) => !before.includes(order));
}

/** Size of a ledger, bytes: some 400,000 entries. */
const maxLedgerBytes = 64 * 1024 * 1024;

const question = Type.Object({
  settle_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: longestSettleMs })),
  ledger: Type.Optional(Type.Array(ledgerEntrySchema)),
  stuck_before: Type.Optional(Type.Array(Type.String())),
});

/** Without a wish: what an order may take to its end after a fault has healed, milliseconds. */
const settleMs = 15_000;

/** Registers the routes. They read and change nothing; POST only carries the ledger. */
export function registerAudit(fastify: FastifyInstance, sources: AuditSources, book: DeadLetterBook): void {
  let last: LastAudit['last'] = null;

  async function kept(question: AuditQuestion): Promise<Audit> {
    const verdict = await audit(sources, book, question);
    last = { at: Date.now(), audit: verdict };
    return verdict;
  }

  fastify.post<{ Body: Static<typeof question> }>(
    '/api/audit',
    { bodyLimit: maxLedgerBytes, schema: { body: question, response: { 200: auditSchema } } },
    ({ body: { settle_ms: ms = settleMs, ledger, stuck_before: stuckBefore = [] } }) =>
      kept({ settleMs: ms, ledger, stuckBefore }),
  );
  fastify.get('/api/audit', { schema: { response: { 200: auditSchema } } }, () =>
    kept({ settleMs, ledger: undefined }),
  );
  fastify.get(
    '/api/audit/last',
    { logLevel: 'warn', schema: { response: { 200: lastAuditSchema } } },
    async () => ({ last }),
  );
}
