/** `/api/audit`: whether every order is accounted for. */
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { DeadLetterBook } from '../dead-letters/book.ts';
import { audit } from './audit.ts';
import { ledgerEntrySchema } from './ledger.ts';
import { auditSchema } from './report.ts';
import type { AuditSources } from './sources.ts';

/** Longest time to settle, milliseconds; an HTTP call should not hang longer. */
export const longestSettleMs = 300_000;

/** Size of a ledger, bytes: some 400,000 entries. */
const maxLedgerBytes = 64 * 1024 * 1024;

const question = Type.Object({
  settle_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: longestSettleMs })),
  ledger: Type.Optional(Type.Array(ledgerEntrySchema)),
});

/** Without a wish: what an order may take to its end after a fault has healed, milliseconds. */
const settleMs = 15_000;

/** Registers the route. It reads and changes nothing; POST only carries the ledger. */
export function registerAudit(fastify: FastifyInstance, sources: AuditSources, book: DeadLetterBook): void {
  fastify.post<{ Body: Static<typeof question> }>(
    '/api/audit',
    { bodyLimit: maxLedgerBytes, schema: { body: question, response: { 200: auditSchema } } },
    (request) =>
      audit(sources, book, { settleMs: request.body.settle_ms ?? settleMs, ledger: request.body.ledger }),
  );
  fastify.get('/api/audit', { schema: { response: { 200: auditSchema } } }, () =>
    audit(sources, book, { settleMs, ledger: undefined }),
  );
}
