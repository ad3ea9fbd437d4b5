import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventRoute, eventRoute, eventRoutes } from '@microshop/topology';
import { type Hop, hopsOfOrder } from './expected.ts';

function names(hops: readonly Hop[]): string[] {
  return hops.flatMap(({ name, below }) => [name, ...names(below)]);
}

/** A further event of orders, on its own way. */
const further = (inOrder: EventRoute['inOrder']): EventRoute => ({
  ...eventRoute('ORDER_CREATED'),
  routingKey: 'order.noticed',
  inOrder,
});

test('an order leaves its first event and one outcome', () => {
  for (const [index, outcome] of ['STOCK_RESERVED', 'STOCK_REJECTED'].entries()) {
    const published = names(hopsOfOrder(eventRoutes).slice(index, index + 1)).filter((name) =>
      name.includes(' publishes '),
    );
    assert.deepEqual(published, ['orders publishes ORDER_CREATED', `products publishes ${outcome}`]);
  }
});

test('an event that is no part of an order is expected of none', () => {
  assert.deepEqual(names(hopsOfOrder([...eventRoutes, further('nothing')])), names(hopsOfOrder(eventRoutes)));
  assert.notDeepEqual(
    names(hopsOfOrder([...eventRoutes, further('first')])),
    names(hopsOfOrder(eventRoutes)),
  );
});
