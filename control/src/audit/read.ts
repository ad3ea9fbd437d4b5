/** Reads everything an audit judges by: each database in one snapshot, the broker, and what of it could not be read. */

import { outboxServices, type ServiceName, serviceNamed } from '@microshop/topology';
import type { DeadLetterBook, DeadLetterQueue } from '../dead-letters/book.ts';
import {
  type BlockFindings,
  judgeBlocks,
  type OrderBlock,
  orderBlocks,
  stockBlocks,
  unlikeBlocks,
} from './blocks.ts';
import {
  deadOrders,
  type Outbox,
  type Pending,
  type QueueDepth,
  readDepths,
  readOutbox,
  readPending,
} from './events.ts';
import { type Found, isUnread, notLooked, type Unread, unreadFor } from './found.ts';
import type { LedgerEntry } from './ledger.ts';
import { judgeKeys, type KeyFindings, ordersOfNobody } from './orders.ts';
import { judgeProducts, type ProductFindings } from './products.ts';
import type { AuditSources } from './sources.ts';
import { inSnapshot, openSnapshot, type Snapshot } from './sources.ts';

/** Orders by their status. */
export type OrderCounts = Readonly<Record<'total' | 'pending' | 'confirmed' | 'rejected', number>>;

/** What was read and found. A part that could not be read is the reason why. */
export interface Evidence extends KeyFindings, BlockFindings, ProductFindings {
  readonly orders: OrderCounts | Unread;
  /** Orders of users that do not exist. */
  readonly ofNobody: Found;
  /** Keys with two orders; {@link BlockFindings.twice} are orders whose stock was taken twice. */
  readonly keysTwice: Found;
  readonly outboxes: readonly (Outbox | Unread)[];
  readonly pending: Pending | Unread;
  readonly depths: readonly (QueueDepth | Unread)[];
  readonly deadLetters: readonly (DeadLetterQueue | Unread)[];
  /** Events a consumer holds; asked only when it decides, 0 otherwise. */
  readonly unacked: number | Unread;
}

/** A source that does not answer makes what depends on it unknown; it does not end the audit. */
export async function reading<T>(what: string, work: Promise<T>): Promise<T | Unread> {
  try {
    return await work;
  } catch (error) {
    return unreadFor(what, error);
  }
}

const ordersName = 'orders_db';
const productsName = 'products_db';
const usersName = 'users_db';

/**
 * Reads and judges. The snapshot of orders is the first: what had ended then has its stock in the later one of products, its
 * user in that of users. So an order that moves meanwhile is never called wrong.
 */
export async function readEvidence(
  sources: AuditSources,
  book: DeadLetterBook,
  ledger: readonly LedgerEntry[] | undefined,
): Promise<Evidence> {
  const orders = await reading(ordersName, openSnapshot(sources, 'orders'));
  const [products, users] = await Promise.all([
    reading(productsName, openSnapshot(sources, 'products')),
    reading(usersName, openSnapshot(sources, 'users')),
  ]);
  try {
    const [events, keys, ofNobody, blocks, goods] = await Promise.all([
      readEvents(sources, book, { orders, products }),
      on(orders, ordersName, (snapshot) => judgeKeys(snapshot, ledger)),
      isUnread(users)
        ? users
        : on(orders, `${ordersName} or ${usersName}`, (snapshot) => ordersOfNobody(snapshot, users)),
      readBlocks(sources, orders, products),
      on(products, `${productsName} or ${ordersName}`, (snapshot) =>
        judgeProducts(snapshot, isUnread(orders) ? undefined : orders),
      ),
    ]);
    return {
      ...events,
      lost: foundIn(keys, 'lost'),
      keysTwice: foundIn(keys, 'twice'),
      refused: foundIn(keys, 'refused'),
      ofNobody: isUnread(ofNobody) ? notLooked(ofNobody.unread) : ofNobody,
      ...blocks,
      wrongStock: foundIn(goods, 'wrongStock'),
      oversold: alsoNeeds(foundIn(goods, 'oversold'), orders),
      unacked: 0,
    };
  } finally {
    await Promise.all([orders, products, users].map((one) => (isUnread(one) ? undefined : one.end())));
  }
}

function on<T>(
  snapshot: Snapshot | Unread,
  what: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T | Unread> {
  return isUnread(snapshot) ? Promise.resolve(snapshot) : reading(what, work(snapshot));
}

function foundIn<Name extends string>(part: Readonly<Record<Name, Found>> | Unread, name: Name): Found {
  return isUnread(part) ? notLooked(part.unread) : part[name];
}

/** What was found stays; that nothing was found proves nothing without the source. */
function alsoNeeds(found: Found, source: unknown): Found {
  return isUnread(source) ? { ...found, unread: [...new Set([...found.unread, source.unread])] } : found;
}

type BlockPart = BlockFindings & Pick<Evidence, 'orders'>;

async function readBlocks(
  sources: AuditSources,
  orders: Snapshot | Unread,
  products: Snapshot | Unread,
): Promise<BlockPart> {
  const [asked, taken] = await Promise.all([
    on(orders, ordersName, orderBlocks),
    on(products, productsName, stockBlocks),
  ]);
  if (isUnread(orders)) return noBlocks(orders, taken);
  if (isUnread(asked)) return noBlocks(asked, taken);
  const known = isUnread(products) || isUnread(taken) ? undefined : { products, taken };
  const found = await reading(
    `${ordersName} or ${productsName}`,
    judgeBlocks(unlikeBlocks(asked, known?.taken), { orders, products: known?.products, sources }),
  );
  return {
    orders: countsOf(asked),
    notWhole: foundIn(found, 'notWhole'),
    twice: alsoNeeds(foundIn(found, 'twice'), taken),
    unlike: alsoNeeds(foundIn(found, 'unlike'), taken),
  };
}

function noBlocks(orders: Unread, taken: unknown): BlockPart {
  const none = notLooked(orders.unread);
  return { orders, notWhole: none, twice: alsoNeeds(none, taken), unlike: alsoNeeds(none, taken) };
}

function countsOf(blocks: readonly OrderBlock[]): OrderCounts {
  const sum = (count: (block: OrderBlock) => number) =>
    blocks.reduce((total, block) => total + count(block), 0);
  return {
    total: sum((block) => block.orders),
    pending: sum((block) => block.pending),
    confirmed: sum((block) => block.confirmed),
    rejected: sum((block) => block.rejected),
  };
}

type EventPart = Pick<Evidence, 'outboxes' | 'pending' | 'depths' | 'deadLetters'>;

/** The broker is read after the databases: what had left an outbox is in a queue, with a consumer, or has ended. */
async function readEvents(
  sources: AuditSources,
  book: DeadLetterBook,
  { orders, products }: { orders: Snapshot | Unread; products: Snapshot | Unread },
): Promise<EventPart> {
  const others = outboxServices.filter((service) => service !== 'orders' && service !== 'products');
  const outboxes = await Promise.all([
    on(orders, ordersName, readOutbox),
    on(products, productsName, readOutbox),
    // no order depends on these
    ...others.map((service) =>
      reading(serviceNamed(service).database.name, inSnapshot(sources, service, readOutbox)),
    ),
  ]);
  const all = await on(orders, ordersName, (snapshot) => readPending(snapshot, []));
  const depths = await readDepths(sources);
  // their content is read only where it may explain an order: reading a message takes it off the queue
  const deadLetters = await (isUnread(all) || all.count === 0 ? book.count() : book.read());
  if (isUnread(all)) return { outboxes, pending: all, depths, deadLetters };
  const letters = deadLetters.flatMap((queue) => (isUnread(queue) ? [] : [...(queue.letters ?? [])]));
  const setAside = outboxes.flatMap((outbox) => (isUnread(outbox) ? [] : outbox.setAsideOrders));
  const pending = await on(orders, ordersName, async (snapshot) =>
    readPending(snapshot, [...setAside, ...(await deadOrders(letters, { orders, products }))]),
  );
  return { outboxes, pending, depths, deadLetters };
}

/** Whether something is on its way, by cheap queries alone. What cannot be read is reported by the audit's own queries. */
export async function somethingMoves(sources: AuditSources): Promise<boolean> {
  const waits = (service: ServiceName) =>
    inSnapshot(sources, service, async ({ query }) => {
      const rows = await query('select from outbox where published_at is null and failed_at is null limit 1');
      return rows.length > 0;
    }).catch(() => false);
  const [depths, ...waiting] = await Promise.all([readDepths(sources), ...outboxServices.map(waits)]);
  return waiting.includes(true) || depths.some((queue) => !isUnread(queue) && queue.ready > 0);
}
