/**
 * The orders there are, from their database (which has an order even when its spans were lost), and which of them
 * are judged.
 */
import { isTraceId } from '@microshop/topology';

/** An order as the event in its outbox describes it. */
export interface PlacedOrder {
  readonly id: number;
  /** The trace it was placed in; `undefined` when the event keeps none. */
  readonly traceId: string | undefined;
  /** Time since it was placed, milliseconds, by the database's clock. */
  readonly ageMs: number;
}

/** Which orders are asked for; ages in milliseconds. */
export interface PlacedSearch {
  /** Cursor of the page before; `undefined` for the first. */
  readonly after: string | undefined;
  readonly youngestMs: number;
  readonly oldestMs: number;
  /** Most orders of a page. */
  readonly limit: number;
}

/** A page of orders in the order they were placed; as many as were asked for when there may be more. */
export interface PlacedPage {
  readonly orders: readonly PlacedOrder[];
  /** Where the next page begins. */
  readonly cursor: string | undefined;
}

/** Finds orders. Each call throws when the database does not answer. */
export interface OrderSource {
  placed(search: PlacedSearch): Promise<PlacedPage>;
  /** Of those orders the ones that have ended: how long ago, milliseconds, by number. */
  ended(ids: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** One statement on `orders_db`. */
export type OrdersQuery = <Row extends Record<string, unknown>>(
  text: string,
  params: readonly unknown[],
) => Promise<Row[]>;

/**
 * Rows are numbered before they can be seen. So a page ends before the first row that is too young: it would be passed
 * over for good by a cursor behind it. An event that is sent once more belongs to an order that was placed long before.
 */
const placedSql = `
  select outbox.id as cursor, orders.id, split_part(outbox.headers ->> 'traceparent', '-', 2) as trace_id,
    extract(epoch from clock_timestamp() - orders.created_at)::float8 * 1000 as age_ms
  from outbox join orders on orders.id = (outbox.body ->> 'order_id')::integer
  where outbox.id > $1 and outbox.type = 'ORDER_CREATED'
    and outbox.created_at > clock_timestamp() - $3 * interval '1 millisecond'
    and outbox.id < coalesce((
      select min(id) from outbox
      where id > $1 and created_at > clock_timestamp() - $2 * interval '1 millisecond'
    ), 9223372036854775807)
    and orders.created_at > outbox.created_at - interval '1 minute'
  order by outbox.id limit $4`;

const endedSql = `
  select id, extract(epoch from clock_timestamp() - ended_at)::float8 * 1000 as ago_ms
  from orders where id = any($1) and ended_at is not null`;

/** The orders of the database that is asked through `query`. */
export function orderSource(query: OrdersQuery): OrderSource {
  return {
    async placed({ after, youngestMs, oldestMs, limit }) {
      const rows = await query<{ cursor: string; id: number; trace_id: string | null; age_ms: number }>(
        placedSql,
        [after ?? '0', youngestMs, oldestMs, limit],
      );
      return {
        orders: rows.map(({ id, trace_id: traceId, age_ms: ageMs }) => ({
          id,
          traceId: traceId !== null && isTraceId(traceId) ? traceId : undefined,
          ageMs,
        })),
        cursor: rows.at(-1)?.cursor ?? after,
      };
    },
    async ended(ids) {
      if (ids.length === 0) return new Map();
      const rows = await query<{ id: number; ago_ms: number }>(endedSql, [ids]);
      return new Map(rows.map((row) => [row.id, row.ago_ms]));
    },
  };
}

/** Digits at the end of a trace id that are random in any case (W3C Trace Context, level 2), as far as a number is exact. */
const randomDigits = 13;

/** An order's place on the scale from 0 to 1; those below the share are chosen. */
function placeOf({ id, traceId }: PlacedOrder): number {
  // an order without a trace id is sampled by its number: multiples of the golden ratio are spread evenly
  if (traceId === undefined) return (id * 0.618_033_988_749_895) % 1;
  return Number.parseInt(traceId.slice(-randomDigits), 16) / 16 ** randomDigits;
}

/** Takes orders as they come, and keeps at most `most` of them: of all, of every second one, every fourth, … */
export class Choice {
  readonly #most: number;
  #chosen: PlacedOrder[] = [];
  #share = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(order: PlacedOrder): void {
    this.#seen += 1;
    if (placeOf(order) < this.#share) this.#chosen.push(order);
    while (this.#chosen.length > this.#most) {
      this.#share /= 2;
      this.#chosen = this.#chosen.filter((one) => placeOf(one) < this.#share);
    }
  }

  get chosen(): readonly PlacedOrder[] {
    return this.#chosen;
  }

  /** Share that was chosen: 1, 0.5, 0.25, … */
  get share(): number {
    return this.#share;
  }

  /** Orders it was shown. */
  get seen(): number {
    return this.#seen;
  }
}
