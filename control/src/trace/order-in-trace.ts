/** The order that was placed in a trace, as its event in the outbox of orders remembers it, whatever Jaeger has. */
import { orderIdSql } from '../audit/events.ts';
import { inSnapshot } from '../audit/snapshot.ts';
import type { AuditSources } from '../audit/sources.ts';

/** An order and when it was placed. */
export interface OrderInTrace {
  readonly orderId: number;
  readonly placed: Date;
}

/** How many of the youngest events are looked through: there is no index on their traces. */
const youngest = 100_000;

/** `undefined` when none of the youngest events was written in that trace. Throws when the database cannot be read. */
export async function orderInTrace(
  sources: AuditSources,
  traceId: string,
): Promise<OrderInTrace | undefined> {
  const [row] = await inSnapshot(sources, 'orders', ({ query }) =>
    query<{ order_id: number; created_at: Date }>(
      `select ${orderIdSql} as order_id, created_at
       from (select body, headers, created_at from outbox order by id desc limit ${youngest}) as young
       where split_part(headers ->> 'traceparent', '-', 2) = $1 and ${orderIdSql} is not null
       limit 1`,
      [traceId],
    ),
  );
  return row === undefined ? undefined : { orderId: row.order_id, placed: row.created_at };
}
