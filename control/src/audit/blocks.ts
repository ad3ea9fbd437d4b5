/**
 * Orders against the stock that was taken for them. Each database sums its rows up by blocks of order ids; only blocks whose
 * sums differ are read row by row, one after the other. So a million orders that are right cost some hundred rows.
 */
import { type Finder, type Found, finder } from './found.ts';
import type { AuditSources } from './sources.ts';
import { inSnapshot, type Snapshot } from './sources.ts';

/** Orders of a block have ids that are equal but for this many bits: 4096 of them. */
const blockBits = 12;

/**
 * A line as 64 bits; the sum over them does not depend on their order. PostgreSQL's own hash of a `bigint` with a seed; it
 * partitions tables, so one server computes the same in each of its databases.
 */
const digestOf = (quantity: string) =>
  `sum(hashint8extended((order_id::bigint << 32) | product_id, ${quantity}))::text`;

/** What `orders_db` says of a block. */
export interface OrderBlock {
  readonly block: number;
  readonly orders: number;
  /** Of these. */
  readonly pending: number;
  readonly confirmed: number;
  readonly rejected: number;
  /** Orders with a first line. */
  readonly with_lines: number;
  /** Sum of the orders' totals, and of what their lines cost, cents. */
  readonly total: string;
  readonly lines_total: string;
  /** Over the lines of all orders, and of those that are not confirmed. */
  readonly digest: string;
  readonly unconfirmed: string;
}

/** What `products_db` says of a block: over the stock taken for orders. */
export interface StockBlock {
  readonly block: number;
  readonly digest: string;
}

const noOrders = { orders: 0, pending: 0, confirmed: 0, rejected: 0, total: '0' } as const;
const noLines = { with_lines: 0, lines_total: '0', digest: '0' } as const;

/** The sums of `orders_db`. */
export async function orderBlocks(orders: Snapshot): Promise<OrderBlock[]> {
  const heads = await orders.query<
    Pick<OrderBlock, 'block' | 'orders' | 'pending' | 'confirmed' | 'rejected' | 'total'>
  >(
    `select id >> ${blockBits} as block, count(*)::integer as orders, sum(total_cents)::text as total,
       count(*) filter (where status = 'PENDING')::integer as pending,
       count(*) filter (where status = 'CONFIRMED')::integer as confirmed,
       count(*) filter (where status = 'REJECTED')::integer as rejected
     from orders group by 1`,
  );
  const lines = await orders.query<Pick<OrderBlock, 'block' | 'with_lines' | 'lines_total' | 'digest'>>(
    `select order_id >> ${blockBits} as block, count(*) filter (where line_number = 1)::integer as with_lines,
       sum(quantity::bigint * price_cents)::text as lines_total, ${digestOf('quantity')} as digest
     from order_lines group by 1`,
  );
  const unconfirmed = await orders.query<StockBlock>(
    `select order_id >> ${blockBits} as block, ${digestOf('quantity')} as digest
     from order_lines join orders on orders.id = order_id where status in ('PENDING', 'REJECTED') group by 1`,
  );
  const headOf = new Map(heads.map((row) => [row.block, row]));
  const linesOf = new Map(lines.map((row) => [row.block, row]));
  const unconfirmedOf = new Map(unconfirmed.map((row) => [row.block, row.digest]));
  return [...new Set([...headOf.keys(), ...linesOf.keys()])].map((block) => ({
    ...noOrders,
    ...noLines,
    ...headOf.get(block),
    ...linesOf.get(block),
    block,
    unconfirmed: unconfirmedOf.get(block) ?? '0',
  }));
}

/** The sums of `products_db`. */
export function stockBlocks(products: Snapshot): Promise<StockBlock[]> {
  return products.query<StockBlock>(
    `select order_id >> ${blockBits} as block, ${digestOf('-delta')} as digest
     from stock_movements where kind = 'reserved' group by 1`,
  );
}

/**
 * Blocks to read row by row: an order is not whole, or the stock taken is not that of the confirmed orders. Without what was
 * taken only the former.
 */
export function unlikeBlocks(
  orders: readonly OrderBlock[],
  stock: readonly StockBlock[] | undefined,
): number[] {
  const taken = new Map(stock?.map(({ block, digest }) => [block, BigInt(digest)]));
  const unlike = orders.filter((of) => {
    const confirmed = BigInt(of.digest) - BigInt(of.unconfirmed);
    const whole = of.orders === of.with_lines && of.total === of.lines_total;
    return !whole || (stock !== undefined && confirmed !== (taken.get(of.block) ?? 0n));
  });
  const known = new Set(orders.map(({ block }) => block));
  const strange = stock?.filter(({ block }) => !known.has(block)) ?? [];
  return [...unlike, ...strange].map(({ block }) => block).sort((one, other) => one - other);
}

/** An order. */
export interface OrderRow {
  readonly id: number;
  readonly status: 'PENDING' | 'CONFIRMED' | 'REJECTED';
  /** `product:quantity` of each line by product id, `1:2,7:1`; empty without lines. */
  readonly lines: string;
  readonly total_cents: string;
  /** What its lines cost. */
  readonly lines_cents: string;
}

/** Stock taken for an order. */
export interface TakenRow {
  readonly order_id: number;
  /** As {@link OrderRow.lines}. */
  readonly lines: string;
}

/** What a block can hold that is wrong. */
export interface BlockFindings {
  /** Orders that no client can have placed: without lines, or with others than they cost. */
  readonly notWhole: Found;
  /** More taken for an order than it asks for. */
  readonly twice: Found;
  /** The stock taken is not what the order's end says. */
  readonly unlike: Found;
}

/**
 * Reads the blocks row by row and judges each order. The snapshot of products must be the later one: an order that had
 * ended in the earlier one must have its stock in the later.
 */
export async function judgeBlocks(
  blocks: readonly number[],
  { orders, products, sources }: { orders: Snapshot; products: Snapshot | undefined; sources: AuditSources },
): Promise<BlockFindings> {
  const finders: Finders = { notWhole: finder(), twice: finder(), unlike: finder() };
  for (const block of blocks) {
    const range = [block * 2 ** blockBits, (block + 1) * 2 ** blockBits - 1];
    const [rows, taken] = await Promise.all([
      orders.query<OrderRow>(rowsSql, range),
      products?.query<TakenRow>(takenSql, range),
    ]);
    judgeWhole(rows, finders.notWhole);
    if (taken === undefined) continue;
    judgeTaken(rows, new Map(taken.map((row) => [row.order_id, row.lines])), finders);
    const known = new Set(rows.map(({ id }) => id));
    const strange = taken.filter((row) => !known.has(row.order_id));
    await judgeStrangers(sources, strange, finders.unlike);
  }
  return {
    notWhole: finders.notWhole.found(),
    twice: finders.twice.found(),
    unlike: finders.unlike.found(),
  };
}

const rowsSql = `
  select id, status, total_cents::text as total_cents, coalesce(lines, '') as lines, coalesce(cents, 0)::text as lines_cents
  from orders left join (
    select order_id, string_agg(product_id || ':' || quantity, ',' order by product_id) as lines, sum(cents) as cents
    from (
      select order_id, product_id, sum(quantity) as quantity, sum(quantity::bigint * price_cents) as cents
      from order_lines where order_id between $1 and $2 group by 1, 2
    ) as line
    group by order_id
  ) as lines on order_id = id
  where id between $1 and $2 order by id`;

const takenSql = `
  select order_id, string_agg(product_id || ':' || quantity, ',' order by product_id) as lines
  from (
    select order_id, product_id, -sum(delta) as quantity from stock_movements
    where kind = 'reserved' and order_id between $1 and $2 group by 1, 2
  ) as line
  group by order_id order by order_id`;

type Finders = Readonly<Record<keyof BlockFindings, Finder>>;

/** Judges orders by themselves. */
export function judgeWhole(orders: readonly OrderRow[], notWhole: Finder): void {
  for (const { id, lines, total_cents: total, lines_cents: cost } of orders) {
    if (lines === '') notWhole.add(`order ${id} has no lines`);
    else if (total !== cost) notWhole.add(`order ${id} costs ${total} cents, its lines ${cost}`);
  }
}

/** Judges orders by the stock taken for them, by order id. */
export function judgeTaken(
  orders: readonly OrderRow[],
  taken: ReadonlyMap<number, string>,
  { twice, unlike }: Pick<Finders, 'twice' | 'unlike'>,
): void {
  for (const { id, status, lines } of orders) {
    const has = taken.get(id) ?? '';
    for (const more of moreThan(lines, has)) twice.add(`order ${id}: ${more}`);
    // all of its lines or none; which of them is undecided while it is pending
    if (status === 'PENDING' && (has === '' || has === lines)) continue;
    const wanted = status === 'REJECTED' ? '' : lines;
    if (has !== wanted) {
      unlike.add(`order ${id} is ${status}: taken ${has || 'none'}, not ${wanted || 'none'}`);
    }
  }
}

/** `1:2,7:1` as a map. */
function quantities(lines: string): Map<number, number> {
  const pairs = lines === '' ? [] : lines.split(',').map((pair) => pair.split(':').map(Number));
  return new Map(pairs.map(([productId = 0, quantity = 0]) => [productId, quantity]));
}

function moreThan(wanted: string, taken: string): string[] {
  if (wanted === taken) return [];
  const most = quantities(wanted);
  return [...quantities(taken)]
    .filter(([productId, quantity]) => quantity > (most.get(productId) ?? 0))
    .map(
      ([productId, quantity]) =>
        `${quantity} of product ${productId} taken, ${most.get(productId) ?? 0} ordered`,
    );
}

/** Orders that the snapshot did not know may have been placed after it: they are looked up as of now. */
async function judgeStrangers(
  sources: AuditSources,
  taken: readonly TakenRow[],
  unlike: Finder,
): Promise<void> {
  if (taken.length === 0) return;
  const rows = await inSnapshot(sources, 'orders', ({ query }) =>
    query<{ id: number }>('select id from orders where id = any($1::integer[])', [
      taken.map((row) => row.order_id),
    ]),
  );
  const placed = new Set(rows.map(({ id }) => id));
  for (const { order_id: orderId, lines } of taken) {
    if (!placed.has(orderId)) unlike.add(`order ${orderId} does not exist, yet ${lines} was taken for it`);
  }
}
