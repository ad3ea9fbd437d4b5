import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrivals } from './arrivals.ts';
import { stockFault } from './measure.ts';
import { placeOrders } from './place-orders.ts';

/** A shop that answers the n-th order, from 1, with that status, after that time. */
async function shop(statusOf: (order: number) => number, delayMs = 0) {
  let orders = 0;
  const products = new Set<unknown>();
  const server = createServer(async (request, response) => {
    const body: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (typeof body === 'object' && body !== null && 'product_id' in body) products.add(body.product_id);
    orders += 1;
    const status = statusOf(orders);
    const traceId = `trace ${orders}`;
    await sleep(delayMs);
    response.writeHead(status, { 'x-trace-id': traceId }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { server, products, url: `http://127.0.0.1:${port}` };
}

const goods = { userId: 1, productIds: [11, 12, 13] };
const { signal } = new AbortController();
const closed = (clients: number): Arrivals => ({ kind: 'closed', clients });

test('orders are for all products in turn; refused ones are counted apart', async (t) => {
  const { server, products, url } = await shop((order) => (order % 5 === 0 ? 503 : 201));
  t.after(() => server.close());
  // open: their number does not depend on the speed of the machine
  const placed = await placeOrders(url, goods, { kind: 'open', perSecond: 40 }, 0.5, signal);
  assert.equal(placed.refused, 4);
  assert.equal(placed.latenciesMs.length, 16);
  assert.equal(placed.traceIds.length, 16);
  assert.deepEqual([...products].sort(), goods.productIds);
});

test('clients that wait for their answers place orders until the time is over', async (t) => {
  const { server, url } = await shop(() => 201);
  t.after(() => server.close());
  const placed = await placeOrders(url, goods, closed(2), 0.3, signal);
  assert.ok(placed.latenciesMs.length >= 2);
  assert.equal(placed.traceIds.length, placed.latenciesMs.length);
  assert.ok(placed.seconds >= 0.3);
});

test('an order that is wrong itself ends the run', async (t) => {
  const { server, url } = await shop(() => 400);
  t.after(() => server.close());
  await assert.rejects(placeOrders(url, goods, closed(1), 5, signal), /An order was answered 400/);
  const open: Arrivals = { kind: 'open', perSecond: 50 };
  await assert.rejects(placeOrders(url, goods, open, 60, signal), /An order was answered 400/);
});

test('an open load places as many as are due, and an answer that is late counts from when its order was due', async (t) => {
  const { server, url } = await shop(() => 201, 300);
  t.after(() => server.close());
  const placed = await placeOrders(url, goods, { kind: 'open', perSecond: 40 }, 0.5, signal);
  assert.equal(placed.latenciesMs.length, 20);
  // they wait for no answer: closed, one client would take 6 s
  assert.ok(placed.latenciesMs.every((ms) => ms >= 295));
});

test('a run that is interrupted ends at once', async (t) => {
  const { server, url } = await shop(() => 201);
  t.after(() => server.close());
  const soon = AbortSignal.timeout(50);
  await assert.rejects(placeOrders(url, goods, closed(2), 60, soon), { name: 'TimeoutError' });
});

test('the stock must be gone once for each accepted order; a refused one may have been accepted', () => {
  assert.equal(stockFault(100, 100, 0), undefined);
  assert.equal(stockFault(102, 100, 2), undefined);
  assert.match(stockFault(99, 100, 5) ?? '', /100 orders were accepted, and 99 took their stock/);
  assert.match(stockFault(103, 100, 2) ?? '', /100 orders were accepted, and 103/);
});
