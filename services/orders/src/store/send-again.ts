/** `ORDER_CREATED` of orders that have not ended, once more: it, or its answer, was lost with the broker's data. */

import type { Sql } from '@microshop/database';
import type { RetriedEvent } from '@microshop/events';
import { eventRoute } from '@microshop/topology';

/** The row is there until the order has ended: it leaves again as it was, same id, same trace. */
const againSql = `
  update outbox set published_at = null, claimed_until = null, last_error = null
  from orders
  where orders.id = any($1::integer[]) and orders.status = 'PENDING' and outbox.type = 'ORDER_CREATED'
    and (outbox.body ->> 'order_id')::integer = orders.id and published_at is not null
  returning message_id, type, orders.id as order_id, false as anew`;

/** An event whose row is missing is rebuilt from the order; the trace it belonged to is no longer known. */
const anewSql = `
  insert into outbox (message_id, type, routing_key, body, headers)
  select gen_random_uuid(), 'ORDER_CREATED', $2, jsonb_build_object(
      'order_id', orders.id, 'user_id', user_id, 'total_price', trim_scale(total_cents / 100.0),
      'items', (
        select jsonb_agg(jsonb_build_object('product_id', product_id, 'quantity', quantity) order by line_number)
        from order_lines where order_id = orders.id
      )
    ), '{}'
  from orders
  where orders.id = any($1::integer[]) and status = 'PENDING' and not exists (
    select from outbox where type = 'ORDER_CREATED' and (body ->> 'order_id')::integer = orders.id
  )
  returning message_id, type, (body ->> 'order_id')::integer as order_id, true as anew`;

/**
 * Puts the events of those orders on their way again; orders that have ended are left out. Who has served one answers it
 * again, so that a lost answer is answered too.
 */
export async function sendOrdersAgain(tx: Sql, orderIds: readonly number[]): Promise<RetriedEvent[]> {
  const again = await tx.query<RetriedEvent>(againSql, [orderIds]);
  const anew = await tx.query<RetriedEvent>(anewSql, [orderIds, eventRoute('ORDER_CREATED').routingKey]);
  return [...again, ...anew];
}
