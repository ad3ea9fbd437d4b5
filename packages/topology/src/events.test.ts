import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventBodies } from './event-bodies.ts';
import { eventRoutes } from './events.ts';

test('every event has a body and one way, under a routing key of its own', () => {
  assert.deepEqual(eventRoutes.map(({ type }) => type).sort(), Object.keys(eventBodies).sort());
  assert.equal(new Set(eventRoutes.map(({ routingKey }) => routingKey)).size, eventRoutes.length);
});

test('a queue is of one service', () => {
  for (const { queue, to } of eventRoutes) assert.equal(queue.split('.')[0], to);
});

test('the routing keys are those of the contract', () => {
  const keys = new Map(eventRoutes.map(({ type, routingKey }) => [type, routingKey]));
  assert.equal(keys.get('ORDER_CREATED'), 'order.created');
  assert.equal(keys.get('STOCK_RESERVED'), 'stock.reserved');
  assert.equal(keys.get('STOCK_REJECTED'), 'stock.rejected');
});
