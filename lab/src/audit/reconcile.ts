/** Holds the ledger, the rows, the stock and the broker against each other. Reads nothing itself. */
import type { BrokerSnapshot } from './broker.ts';
import type { OrdersSnapshot, OutboxRow, ProductsSnapshot } from './databases.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Audit, Invariant } from './report.ts';

/** What was read. A part that could not be read is the reason why. */
export interface Evidence {
  readonly orders: OrdersSnapshot | Unread;
  readonly products: ProductsSnapshot | Unread;
  readonly userIds: ReadonlySet<number> | Unread;
  readonly broker: BrokerSnapshot | Unread;
  /** Orders placed while the rest was read. */
  readonly placedMeanwhile: boolean;
  /** Events a consumer holds; asked only when it decides, 0 otherwise. */
  readonly unacked: number | Unread;
  readonly ledger: readonly LedgerEntry[] | undefined;
}

/** A source that did not answer. */
export interface Unread {
  readonly unread: string;
}

/** Whether a part could not be read. */
export function isUnread(part: unknown): part is Unread {
  return typeof part === 'object' && part !== null && 'unread' in part;
}

/** The sentences of the contract. */
const sentences = {
  I1: 'every acknowledged order exists',
  I2: 'one order per key',
  I3a: 'for each product the stock is the sum of its movements and not below zero',
  I3b: 'the stock taken is that of the confirmed orders',
  I4: 'every order has ended or its message is in a DLQ, and the outboxes are empty',
} as const;

function invariant(id: keyof typeof sentences, broken: readonly string[], unknown: string): Invariant {
  const verdict = broken.length > 0 ? 'BROKEN' : unknown === '' ? 'OK' : 'UNKNOWN';
  return {
    id,
    says: sentences[id],
    verdict,
    why: verdict === 'UNKNOWN' ? unknown : '',
    broken_by: [...broken],
  };
}

/** The verdict on what was read. */
export function reconcile(evidence: Evidence): Omit<Audit, 'waited_ms'> {
  const { ledger, unacked } = evidence;
  const orders = isUnread(evidence.orders) ? undefined : evidence.orders;
  const products = isUnread(evidence.products) ? undefined : evidence.products;
  const broker = isUnread(evidence.broker) ? undefined : evidence.broker;
  const unread = [evidence.orders, evidence.products, evidence.userIds, evidence.broker, unacked]
    .filter(isUnread)
    .map((part) => part.unread)
    .join('; ');

  const outbox = [...(orders?.outbox ?? []), ...(products?.outbox ?? [])];
  const waiting = outbox.filter((row) => !row.set_aside);
  const deadLetters = broker?.deadLetters ?? [];
  const deadOrders = new Set([
    ...deadLetters.map((letter) => letter.order_id),
    ...outbox.filter((row) => row.set_aside).map((row) => row.order_id),
  ]);
  const rows = orders?.orders ?? [];
  const pending = rows.filter((order) => order.status === 'PENDING');
  const waitingFor = pending.filter((order) => !deadOrders.has(order.id));
  const onTheWay = [
    waiting.length > 0 ? `${waiting.length} events wait in the outboxes` : '',
    (broker?.ready ?? 0) > 0 ? `${broker?.ready} events wait in the queues` : '',
    !isUnread(unacked) && unacked > 0 ? `${unacked} events are being consumed` : '',
    evidence.placedMeanwhile ? 'orders are still being placed' : '',
  ].filter((reason) => reason !== '');
  const settled = unread === '' && onTheWay.length === 0;
  const unsettled = unread === '' ? onTheWay.join(', ') : unread;

  const lost = orders === undefined ? [] : lostOrders(ledger ?? [], orders);
  const twice = [...keysWithTwoOrders(ledger ?? [], orders), ...takenTwice(orders, products)];
  const refused = orders === undefined ? [] : refusedYetThere(ledger ?? [], orders);
  const strangers = isUnread(evidence.userIds) ? [] : ofUnknownUsers(orders, evidence.userIds);
  const oversold = oversoldProducts(orders, products);
  const stuck = settled ? waitingFor.map((order) => `order ${order.id}`) : [];
  const setAside = outbox.filter((row) => row.set_aside).map(setAsideText);
  const unlike = settled ? unlikeStock(orders, products, deadOrders) : [];

  return {
    settled,
    orders: {
      total: rows.length,
      pending: pending.length,
      confirmed: rows.filter((order) => order.status === 'CONFIRMED').length,
      rejected: rows.filter((order) => order.status === 'REJECTED').length,
    },
    attempted: ledger === undefined ? null : new Set(ledger.map(({ key }) => key)).size,
    acknowledged: ledger === undefined ? null : new Set(acknowledgedIn(ledger).map(({ key }) => key)).size,
    lost: ledger === undefined ? null : lost.length,
    doubled: twice.length,
    unexpected: refused.length + strangers.length,
    oversold: oversold.length,
    stuck: stuck.length,
    left_in_outbox: outbox.length,
    in_dlq: deadLetters.length,
    ids: {
      lost,
      doubled: twice,
      unexpected: [...refused, ...strangers],
      oversold,
      stuck,
      set_aside: setAside,
    },
    dead_letters: [...deadLetters],
    invariants: [
      invariant('I1', lost, ledger === undefined ? 'needs a ledger' : reasonOf(evidence.orders)),
      invariant('I2', [...twice, ...refused], reasonOf(evidence.orders)),
      invariant('I3a', [...wrongStock(products), ...oversold], reasonOf(evidence.products)),
      invariant('I3b', unlike, unsettled),
      invariant('I4', [...stuck, ...setAside], unsettled),
    ],
  };
}

function reasonOf(part: unknown): string {
  return isUnread(part) ? part.unread : '';
}

interface Acknowledged {
  readonly key: string;
  readonly orderId: number;
}

function acknowledgedIn(ledger: readonly LedgerEntry[]): Acknowledged[] {
  return ledger.flatMap(({ key, order_id: orderId, status }) =>
    status === 201 && orderId !== null ? [{ key, orderId }] : [],
  );
}

/** An order answered to a key must be there, and be that key's. */
function lostOrders(ledger: readonly LedgerEntry[], { orders }: OrdersSnapshot): string[] {
  const keys = new Map(orders.map((order) => [order.id, order.key]));
  const lost = acknowledgedIn(ledger).filter(({ key, orderId }) => keys.get(orderId) !== key);
  return [...new Set(lost.map(({ key, orderId }) => `order ${orderId} (key ${key})`))];
}

function keysWithTwoOrders(ledger: readonly LedgerEntry[], orders: OrdersSnapshot | undefined): string[] {
  const byKey = new Map<string, Set<number>>();
  const add = (key: string, orderId: number) => {
    const known = byKey.get(key) ?? new Set();
    byKey.set(key, known.add(orderId));
  };
  for (const { key, orderId } of acknowledgedIn(ledger)) add(key, orderId);
  for (const { key, id } of orders?.orders ?? []) if (key !== null) add(key, id);
  return [...byKey]
    .filter(([, ids]) => ids.size > 1)
    .map(([key, ids]) => `key ${key}: orders ${[...ids].sort((one, other) => one - other).join(', ')}`);
}

/**
 * A key whose every answer was a refusal has no order. Other failures (no answer, 5xx) are no refusal: the order may
 * have been written.
 */
function refusedYetThere(ledger: readonly LedgerEntry[], { orders }: OrdersSnapshot): string[] {
  const refused = new Map<string, boolean>();
  for (const { key, status } of ledger) {
    refused.set(key, (refused.get(key) ?? true) && status >= 400 && status < 500);
  }
  return orders
    .filter(({ key }) => key !== null && refused.get(key) === true)
    .map(({ id, key }) => `order ${id} (key ${key} was refused)`);
}

function ofUnknownUsers(orders: OrdersSnapshot | undefined, userIds: ReadonlySet<number>): string[] {
  return (orders?.orders ?? [])
    .filter((order) => !userIds.has(order.user_id))
    .map((order) => `order ${order.id} (there is no user ${order.user_id})`);
}

/** `1:2,7:1` as a map. */
function quantities(lines: string): Map<number, number> {
  const pairs = lines === '' ? [] : lines.split(',').map((pair) => pair.split(':').map(Number));
  return new Map(pairs.map(([productId = 0, quantity = 0]) => [productId, quantity]));
}

/** More taken for an order than it asks for. */
function takenTwice(orders: OrdersSnapshot | undefined, products: ProductsSnapshot | undefined): string[] {
  const asked = new Map(orders?.orders.map((order) => [order.id, order.lines]));
  return (products?.reserved ?? []).flatMap(({ order_id: orderId, lines }) => {
    const wanted = asked.get(orderId);
    if (wanted === undefined || wanted === lines) return [];
    const most = quantities(wanted);
    return [...quantities(lines)]
      .filter(([productId, quantity]) => quantity > (most.get(productId) ?? 0))
      .map(
        ([productId, quantity]) =>
          `order ${orderId}: ${quantity} of product ${productId} taken, ${most.get(productId) ?? 0} ordered`,
      );
  });
}

function oversoldProducts(orders: OrdersSnapshot | undefined, products: ProductsSnapshot | undefined) {
  return (products?.products ?? []).flatMap(({ id, stock, supplied }) => {
    const sold = orders?.sold.get(id) ?? 0;
    if (stock < 0) return [`product ${id}: stock ${stock}`];
    return sold > supplied ? [`product ${id}: ${sold} sold, ${supplied} supplied`] : [];
  });
}

function wrongStock(products: ProductsSnapshot | undefined): string[] {
  return (products?.products ?? [])
    .filter(({ stock, movements }) => stock !== movements)
    .map(({ id, stock, movements }) => `product ${id}: stock ${stock}, sum of movements ${movements}`);
}

/** Orders whose stock is not what their end says. What lies in a DLQ has not ended and is left out. */
function unlikeStock(
  orders: OrdersSnapshot | undefined,
  products: ProductsSnapshot | undefined,
  deadOrders: ReadonlySet<number | null>,
): string[] {
  if (orders === undefined || products === undefined) return [];
  const reserved = new Map(products.reserved.map((row) => [row.order_id, row.lines]));
  const known = new Set(orders.orders.map((order) => order.id));
  const strange = products.reserved
    .filter(({ order_id: orderId }) => !known.has(orderId))
    .map(({ order_id: orderId, lines }) => `order ${orderId} does not exist, yet ${lines} was taken for it`);
  const different = orders.orders.flatMap(({ id, status, lines }) => {
    // one that is pending is I4's matter
    if (status === 'PENDING' || deadOrders.has(id)) return [];
    const wanted = status === 'CONFIRMED' ? lines : '';
    const taken = reserved.get(id) ?? '';
    return taken === wanted
      ? []
      : [`order ${id} is ${status}: taken ${taken || 'none'}, not ${wanted || 'none'}`];
  });
  return [...strange, ...different];
}

function setAsideText({ message_id: messageId, type, order_id: orderId, reason }: OutboxRow): string {
  return `${type} ${messageId} (order ${orderId ?? 'unknown'}) cannot be published: ${reason ?? 'no reason'}`;
}
