/** `/api/orders/{id}/trace` and `/api/traces/{trace id}`: what happened to an order, or to any request. */
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { collectorAway, type Gap } from '../completeness/gaps.ts';
import { RefusedError, type Shop } from '../shop/client.ts';
import type { TraceReader } from '../trace/jaeger.ts';
import { judgeOrder, judgeTrace, verdictSchema } from '../trace/verdict.ts';
import { ControlError } from './problem.ts';

const orderParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });
const traceParams = Type.Object({ traceId: Type.String({ pattern: '^[0-9a-f]{32}$' }) });

/** Registers the routes. */
export function registerTraces(
  fastify: FastifyInstance,
  traces: TraceReader,
  shop: Shop,
  gaps: () => Promise<readonly Gap[]>,
): void {
  fastify.get<{ Params: Static<typeof orderParams> }>(
    '/api/orders/:id/trace',
    { schema: { params: orderParams, response: { 200: verdictSchema } } },
    async (request) => {
      const { id } = request.params;
      const spans = await traces.traceOfOrder(id);
      // only when Jaeger knows nothing: the question leaves a trace of its own
      if (spans.length === 0) await expectFreshOrder(shop, id, gaps);
      return judgeOrder(spans, id);
    },
  );

  fastify.get<{ Params: Static<typeof traceParams> }>(
    '/api/traces/:traceId',
    { schema: { params: traceParams, response: { 200: verdictSchema } } },
    async (request) => {
      const { traceId } = request.params;
      const spans = await traces.trace(traceId);
      if (spans.length === 0) throw new ControlError(404, 'not_found', `Jaeger holds no trace ${traceId}`);
      return judgeTrace(spans);
    },
  );
}

/** Spans that are on their way arrive within this time, milliseconds: they are sent each second, and collected in batches. */
const onTheirWayMs = 30_000;

/** Throws unless there is such an order, and its spans may still be on their way. */
async function expectFreshOrder(shop: Shop, id: number, gaps: () => Promise<readonly Gap[]>): Promise<void> {
  try {
    const placed = (await shop.order(id)).created_at;
    const placedMs = Date.parse(placed);
    if (Date.now() - placedMs < onTheirWayMs) return;
    if (collectorAway(await gaps(), placedMs)) {
      const reason = `Jaeger was not there when order ${id} was placed (${placed}): nobody took its spans`;
      throw new ControlError(404, 'not_found', reason);
    }
    throw new ControlError(
      404,
      'not_found',
      `Jaeger has no trace of order ${id}, placed ${placed}: it was restarted or stopped since, or has dropped it for newer ones; docs/tracing.md tells how to keep traces`,
    );
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.code === 'not_found') {
      throw new ControlError(404, 'not_found', `There is no order ${id}`);
    }
    throw error;
  }
}
