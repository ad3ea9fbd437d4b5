/** `/api/orders/{id}/trace` and `/api/traces/{trace id}`: what happened to an order, or to any request. */

import { notFound, ProblemError } from '@microshop/service-kit';
import { maxId, traceIdPattern } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { orderIdSql } from '../audit/events.ts';
import { type AuditSources, inKeptSnapshot } from '../audit/sources.ts';
import { collectorAway, type Gap } from '../completeness/outcome.ts';
import { RefusedError, type Shop } from '../service/shop.ts';
import type { TraceReader } from './jaeger.ts';
import { judgeOrder, judgeTrace, verdictSchema } from './verdict.ts';

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
  const [row] = await inKeptSnapshot(sources, 'orders', ({ query }) =>
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

const orderParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: maxId }) });
const traceParams = Type.Object({ traceId: Type.String({ pattern: traceIdPattern }) });

/** What is known of a trace without Jaeger. */
interface Memory {
  /** Times in which no collector took spans. */
  gaps(): Promise<readonly Gap[]>;
  /** The order that was placed in a trace; `undefined` when the database knows none. */
  orderOf(traceId: string): Promise<OrderInTrace | undefined>;
}

/** Registers the routes. */
export function registerTraces(
  fastify: FastifyInstance,
  traces: TraceReader,
  shop: Shop,
  memory: Memory,
): void {
  fastify.get<{ Params: Static<typeof orderParams> }>(
    '/api/orders/:id/trace',
    { schema: { params: orderParams, response: { 200: verdictSchema } } },
    async (request) => {
      const { id } = request.params;
      const spans = await traces.traceOfOrder(id);
      // only when Jaeger has nothing: this request makes a trace of its own
      if (spans.length === 0) await expectFreshOrder(shop, id, memory.gaps);
      return judgeOrder(spans, id);
    },
  );

  fastify.get<{ Params: Static<typeof traceParams> }>(
    '/api/traces/:traceId',
    { schema: { params: traceParams, response: { 200: verdictSchema } } },
    async (request) => {
      const { traceId } = request.params;
      const spans = await traces.trace(traceId);
      if (spans.length === 0) throw await noTrace(traceId, memory);
      return judgeTrace(spans);
    },
  );
}

/** Spans that are on their way arrive within this time, milliseconds: they are sent each second, and collected in batches. */
const onTheirWayMs = 30_000;

/** The same for requests that are in no database, such as one that was refused: if they come, they come soon. */
const refusedOnTheirWayMs = 4000;

/** Why Jaeger has no trace of that id, and whether it may still come. */
async function noTrace(traceId: string, { gaps, orderOf }: Memory): Promise<ProblemError> {
  const order = await orderOf(traceId).catch(() => undefined);
  if (order === undefined) {
    const detail = `Jaeger holds no trace ${traceId}, and no order was placed in it; the trace of a request that was refused is there within ${refusedOnTheirWayMs / 1000} s`;
    return new ProblemError(404, 'not_found', detail, { members: { wait_ms: refusedOnTheirWayMs } });
  }
  const { orderId, placed } = order;
  if (Date.now() - placed.getTime() >= onTheirWayMs) return await gone(orderId, placed.toISOString(), gaps);
  const detail = `Jaeger holds no trace ${traceId} of order ${orderId} yet`;
  return new ProblemError(404, 'not_found', detail, { members: { wait_ms: onTheirWayMs } });
}

async function gone(orderId: number, placed: string, gaps: Memory['gaps']): Promise<ProblemError> {
  const reason = collectorAway(await gaps(), Date.parse(placed))
    ? `Jaeger did not run when order ${orderId} was placed (${placed}): its spans are lost`
    : `Jaeger has no trace of order ${orderId}, placed ${placed}: it was restarted or stopped since, or has dropped it for newer ones; docs/tracing.md shows how to keep traces`;
  return notFound(reason);
}

/** Throws unless there is such an order, and its spans may still be on their way. */
async function expectFreshOrder(shop: Shop, id: number, gaps: Memory['gaps']): Promise<void> {
  try {
    const placed = (await shop.order(id)).created_at;
    if (Date.now() - Date.parse(placed) < onTheirWayMs) return;
    throw await gone(id, placed, gaps);
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.code === 'not_found') {
      throw notFound(`There is no order ${id}`);
    }
    throw error;
  }
}
