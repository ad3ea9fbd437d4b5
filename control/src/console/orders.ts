/** Orders as the databases have them: a list to search, and one order's story. */

import { messageOf } from '@microshop/program-kit/errors';
import { notFound } from '@microshop/service-kit';
import { eventRoutes, isTraceId, maxId, services, traceIdIn } from '@microshop/topology';
import type { Static } from 'typebox';
import { type AuditSources, inKeptSnapshot, type Snapshot } from '../audit/sources.ts';
import { linesOfTrace } from '../logs/lines.ts';
import { orderInTrace } from '../trace/routes.ts';
import type { EventRow, ListedOrder, orderQuerySchema, Story } from './schemas.ts';

/** Orders of a page. */
const pageSize = 50;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const columns = `id, user_id, status, reason, total_cents::float8 / 100 as total_price,
  round(${ms('created_at')}) as created_at, round(${ms('ended_at')}) as ended_at, idempotency_key`;

/** A condition of SQL with what stands for `$1`. */
type Condition = readonly [text: string, value: string | number];

/** The conditions of which one has to hold for what a search means; none for an id that no order can have. */
async function searched(sources: AuditSources, search: string): Promise<readonly Condition[]> {
  const number = Number(/^(?:#|user:)?(\d+)$/.exec(search)?.[1]);
  if (search.startsWith('user:')) return number <= maxId ? [['user_id = ', number]] : [];
  // a client may take any text as its key, digits and what looks like a trace as well
  const ofKey: Condition = ['idempotency_key = ', search];
  if (number <= maxId) return [['id = ', number], ofKey];
  if (!isTraceId(search)) return [ofKey];
  const found = await orderInTrace(sources, search);
  return found === undefined ? [ofKey] : [['id = ', found.orderId], ofKey];
}

/** The youngest orders that match. Throws when the database cannot be read. */
export async function listOrders(
  sources: AuditSources,
  { status, search = '', before }: Static<typeof orderQuerySchema>,
): Promise<ListedOrder[]> {
  const wanted = search.trim();
  const found = wanted === '' ? null : await searched(sources, wanted);
  if (found?.length === 0) return [];
  const groups: (readonly Condition[])[] = [
    ...(found === null ? [] : [found]),
    ...(status === undefined ? [] : [[['status = ', status]] as const]),
    ...(before === undefined ? [] : [[['id < ', before]] as const]),
  ];
  const values: (string | number)[] = [];
  const where = groups
    .map((group) => group.map(([text, value]) => `${text}$${values.push(value)}`).join(' or '))
    .map((group) => `(${group})`)
    .join(' and ');
  return await inKeptSnapshot(sources, 'orders', ({ query }) =>
    query<ListedOrder>(
      `select ${columns} from orders ${where === '' ? '' : `where ${where}`} order by id desc limit ${pageSize}`,
      values,
    ),
  );
}

interface OutboxRow {
  readonly message_id: string;
  readonly type: string;
  readonly created_at: number;
  readonly published_at: number | null;
  readonly failed: string | null;
  readonly traceparent: string | null;
}

/** Events about an order in the outbox of a database, by its index on them. */
function eventsAbout({ query }: Snapshot, orderId: number): Promise<OutboxRow[]> {
  return query<OutboxRow>(
    `select message_id, type, round(${ms('created_at')}) as created_at, round(${ms('published_at')}) as published_at,
       case when failed_at is not null then coalesce(last_error, 'no reason') end as failed,
       headers ->> 'traceparent' as traceparent
     from outbox where body ->> 'order_id' = $1 order by id`,
    [String(orderId)],
  );
}

/** When messages took effect, by their id. */
async function receivedAt({ query }: Snapshot, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ message_id: string; received_at: number }>(
    `select message_id, round(${ms('received_at')}) as received_at from inbox where message_id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.message_id, row.received_at]));
}

/** What products knows of an order, and when it received the order's own events. */
function readProducts(sources: AuditSources, orderId: number, own: readonly OutboxRow[]) {
  return inKeptSnapshot(sources, 'products', async (snapshot) => ({
    outbox: await eventsAbout(snapshot, orderId),
    movements: await snapshot.query<Story['movements'][number]>(
      `select product_id, delta, round(${ms('created_at')}) as created_at from stock_movements
       where order_id = $1 and kind = 'reserved' order by id`,
      [orderId],
    ),
    received: await receivedAt(
      snapshot,
      own.map(({ message_id }) => message_id),
    ),
  }));
}

/** What one order left behind. `logs` is the directory of the parts' logs; undefined where there is none to read. */
export async function readStory(
  sources: AuditSources,
  orderId: number,
  logs: string | undefined,
): Promise<Story> {
  const lacks: string[] = [];
  const lack =
    <T>(what: string, otherwise: T) =>
    (error: unknown): T => {
      lacks.push(`${what}: ${messageOf(error)}`);
      return otherwise;
    };
  // one connection for each database: later changes are in the next reading
  const { own, theirs, answered } = await inKeptSnapshot(sources, 'orders', async (snapshot) => {
    const [order] = await snapshot.query<ListedOrder>(`select ${columns} from orders where id = $1`, [
      orderId,
    ]);
    if (order === undefined) throw notFound(`There is no order ${orderId}`);
    const lines = await snapshot.query<Story['lines'][number]>(
      `select product_id, quantity, price_cents::float8 / 100 as price from order_lines where order_id = $1 order by line_number`,
      [orderId],
    );
    const outbox = await eventsAbout(snapshot, orderId);
    const products = await readProducts(sources, orderId, outbox).catch(
      lack('The events and the stock of products cannot be read', undefined),
    );
    const answers = (products?.outbox ?? []).map(({ message_id }) => message_id);
    return {
      own: { order, lines, outbox },
      theirs: products,
      answered: await receivedAt(snapshot, answers),
    };
  });
  const received = new Map([...(theirs?.received ?? []), ...answered]);
  const rows = [...own.outbox, ...(theirs?.outbox ?? [])];
  const traceId = own.outbox.flatMap(({ traceparent }) => traceIdIn(traceparent ?? '') ?? []).at(0) ?? null;
  return {
    order: own.order,
    lines: own.lines,
    trace_id: traceId,
    events: rows.map((row) => eventRow(row, received)),
    movements: theirs?.movements ?? [],
    logs:
      logs === undefined || traceId === null
        ? null
        : (await linesOfTrace(logs, traceId, timeOf(own.order))).map(({ part, time, text }) => ({
            part,
            time,
            text,
          })),
    lacks,
  };
}

/** Time before an order is written, and after it has ended, in which lines about it come, milliseconds. */
const aroundMs = 60_000;

/** When the lines about an order were written; what comes long after its end is left to the command. */
function timeOf({ created_at: created, ended_at: ended }: ListedOrder) {
  return { from: created - aroundMs, to: (ended ?? Date.now()) + aroundMs };
}

function eventRow(row: OutboxRow, received: ReadonlyMap<string, number>): EventRow {
  const { traceparent: _traceparent, ...rest } = row;
  const route = eventRoutes.find(({ type }) => type === row.type);
  const other = services[0]?.name ?? '';
  return {
    ...rest,
    from: route?.from ?? other,
    to: route?.to ?? other,
    received_at: received.get(row.message_id) ?? null,
  };
}
