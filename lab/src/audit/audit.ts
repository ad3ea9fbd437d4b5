/** Audits a mesh: reads until everything has settled and is right, or the time is over. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../cli/errors.ts';
import { readBroker, unackedMessages } from './broker.ts';
import { lastOrderId, readOrders, readProducts, readUserIds } from './databases.ts';
import type { LedgerEntry } from './ledger.ts';
import { type Evidence, isUnread, reconcile, type Unread } from './reconcile.ts';
import type { Audit } from './report.ts';
import type { AuditSources } from './sources.ts';

/** Pause between two readings, milliseconds. */
const readEveryMs = 250;

/** What an audit is asked. */
export interface AuditQuestion {
  /** Time in which everything may come to rest, milliseconds. */
  readonly settleMs: number;
  readonly ledger: readonly LedgerEntry[] | undefined;
}

/**
 * Reads and judges, again and again until nothing is on its way and nothing is broken, or the time is over; then the
 * last verdict stands. So what is merely on its way is never called broken.
 */
export async function audit(sources: AuditSources, { settleMs, ledger }: AuditQuestion): Promise<Audit> {
  const began = performance.now();
  for (;;) {
    const evidence = await read(sources, ledger);
    const verdict = reconcile(evidence);
    const waitedMs = performance.now() - began;
    const last = waitedMs >= settleMs;
    if (isClean(verdict)) return { ...verdict, waited_ms: Math.round(waitedMs) };
    if (last) {
      // an order that waits while its event is in a consumer's hands is not stuck
      const unacked = verdict.stuck === 0 ? 0 : await reading('RabbitMQ', unackedMessages(sources));
      return { ...reconcile({ ...evidence, unacked }), waited_ms: Math.round(waitedMs) };
    }
    await delay(readEveryMs);
  }
}

function isClean({ settled, invariants }: Omit<Audit, 'waited_ms'>): boolean {
  return (
    settled &&
    invariants.every(({ id, verdict }) => verdict === 'OK' || (id === 'I1' && verdict === 'UNKNOWN'))
  );
}

async function read(sources: AuditSources, ledger: AuditQuestion['ledger']): Promise<Evidence> {
  const [orders, products, userIds] = await Promise.all([
    reading('orders_db', readOrders(sources)),
    reading('products_db', readProducts(sources)),
    reading('users_db', readUserIds(sources)),
  ]);
  const broker = await reading('RabbitMQ', readBroker(sources));
  const lastRead = isUnread(orders) ? 0 : (orders.orders.at(-1)?.id ?? 0);
  const lastNow = isUnread(orders) ? 0 : await reading('orders_db', lastOrderId(sources));
  return {
    orders,
    products,
    userIds,
    broker,
    placedMeanwhile: isUnread(lastNow) || lastNow !== lastRead,
    unacked: 0,
    ledger,
  };
}

/** A source that does not answer makes what depends on it unknown; it does not end the audit. */
async function reading<T>(what: string, work: Promise<T>): Promise<T | Unread> {
  try {
    return await work;
  } catch (error) {
    return { unread: `${what} cannot be read: ${messageOf(error) || 'no reason given'}` };
  }
}
