/** `/api/orders`: place, list, show. */
import { deadlineFromHeaders } from '@microshop/mesh-client';
import {
  amountFromCents,
  badRequest,
  checkOwn,
  idAfter,
  idParams,
  notFound,
  originOf,
  page,
  problemRef,
  type Service,
  scopeOf,
  withOrigin,
} from '@microshop/service-kit';
import { attributes, orderLimits } from '@microshop/topology';
import { trace } from '@opentelemetry/api';
import { type Static, Type } from 'typebox';
import { withinDeadline } from '../domain/deadline.ts';
import { addUpLines, type Order, type OrderRequest, type OrderStore } from '../domain/order.ts';
import type { PlaceOrder } from '../domain/place-order.ts';
import { idempotencyKey } from './key.ts';
import { newOrderBody, newOrderHeaders, orderSchema, ordersQuery } from './schemas.ts';

const tracer = trace.getTracer('@microshop/orders');

/** What the routes work with. */
export interface OrderRoutesOptions {
  readonly orders: OrderStore;
  readonly placeOrder: PlaceOrder;
  /** Whether the gateway authenticates clients. */
  readonly edgeAuth: boolean;
}

function shown(order: Order): Static<typeof orderSchema> {
  return {
    id: order.id,
    user_id: order.userId,
    items: order.lines.map((line) => ({
      product_id: line.productId,
      quantity: line.quantity,
      price: amountFromCents(line.priceCents),
    })),
    total_price: amountFromCents(order.totalCents),
    status: order.status,
    ...(order.reason === null ? {} : { reason: order.reason }),
    created_at: order.createdAt,
  };
}

/** The order of a body, whichever form it has. Throws a 400 that names the field. */
export function orderRequest(body: Static<typeof newOrderBody>): OrderRequest {
  const { user_id: userId, items, product_id: productId, quantity } = body;
  if (items !== undefined) {
    const extra = productId !== undefined ? 'product_id' : quantity !== undefined ? 'quantity' : undefined;
    if (extra !== undefined) throw badRequest(`body.${extra} does not go with body.items; leave one out`);
    const lines = addUpLines(items.map((item) => ({ productId: item.product_id, quantity: item.quantity })));
    const tooMany = lines.find((line) => line.quantity > orderLimits.quantity);
    if (tooMany !== undefined) {
      throw badRequest(
        `body.items adds up to ${tooMany.quantity} of product ${tooMany.productId}; at most ${orderLimits.quantity} fit in an order`,
      );
    }
    return { userId, lines };
  }
  if (productId === undefined)
    throw badRequest('body.items is required (or body.product_id with body.quantity)');
  if (quantity === undefined) throw badRequest('body.quantity is required with body.product_id');
  return { userId, lines: [{ productId, quantity }] };
}

/**
 * Puts the order's number on the server span, by which its trace is found. That span has ended when the client has left, or
 * was answered 504 meanwhile: then a separate span says so, because the order is placed all the same.
 */
function tellTrace(order: Order, repeated: boolean): void {
  const known = {
    [attributes.orderId]: order.id,
    ...(repeated ? { [attributes.orderRepeated]: true } : {}),
  };
  const span = trace.getActiveSpan();
  if (span === undefined || span.isRecording()) span?.setAttributes(known);
  else tracer.startSpan('order without its client', { attributes: known }).end();
}

/** Registers the routes. */
export async function orderRoutes(
  service: Service,
  { orders, placeOrder, edgeAuth }: OrderRoutesOptions,
): Promise<void> {
  const tags = ['orders'];

  service.post(
    '/api/orders',
    {
      schema: {
        tags,
        operationId: 'placeOrder',
        summary: 'Place an order',
        headers: newOrderHeaders,
        body: newOrderBody,
        response: { 201: orderSchema, 422: problemRef },
      },
    },
    async (request, reply) => {
      const wanted = orderRequest(request.body);
      checkOwn(scopeOf(request.headers, edgeAuth), wanted.userId);
      const key = idempotencyKey(request);
      trace.getActiveSpan()?.setAttribute(attributes.userId, wanted.userId);
      const deadline = deadlineFromHeaders(request.headers);
      const placing = withOrigin(originOf(request.headers), async () => {
        const { order, repeated } = await placeOrder(wanted, key, deadline);
        tellTrace(order, repeated);
        const line = { order_id: order.id, user_id: order.userId };
        request.log.info(line, repeated ? 'order was placed before, answering again' : 'order accepted');
        return order;
      });
      const order = await withinDeadline(deadline, placing, (error) =>
        request.log.warn({ err: error }, 'an order failed after its request was answered 504'),
      );
      return reply.code(201).header('location', `/api/orders/${order.id}`).send(shown(order));
    },
  );

  service.get(
    '/api/orders',
    {
      schema: {
        tags,
        operationId: 'listOrders',
        summary: 'List orders',
        querystring: ordersQuery,
        response: { 200: Type.Array(orderSchema) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, user_id: asked, status } = request.query;
      const scope = scopeOf(request.headers, edgeAuth);
      if (asked !== undefined) checkOwn(scope, asked);
      const userId = scope === 'all' ? asked : scope;
      const filter = {
        ...(userId === undefined ? {} : { userId }),
        ...(status === undefined ? {} : { status }),
      };
      const rows = await orders.list(filter, idAfter(cursor), limit + 1);
      return page(rows, limit, request, reply).map(shown);
    },
  );

  // Reading an order does not set `order.id`: searching Jaeger for it should find the order's own story,
  // not every request that read it since.
  service.get(
    '/api/orders/:id',
    {
      schema: {
        tags,
        operationId: 'showOrder',
        summary: 'Show an order',
        params: idParams,
        response: { 200: orderSchema, 404: problemRef },
      },
    },
    async (request) => {
      const scope = scopeOf(request.headers, edgeAuth);
      const order = await orders.findById(request.params.id);
      if (order === null)
        throw notFound(
          `There is no order ${request.params.id}; POST /api/orders places one and returns its id`,
        );
      checkOwn(scope, order.userId);
      return shown(order);
    },
  );
}
