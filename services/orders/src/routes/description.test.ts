import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfDescription } from '@microshop/service-kit/testing/description.ts';
import { orderRoutes } from './orders.ts';

const unasked = () => Promise.reject(new Error('not called here'));

test('the description is a valid document, and no operation lacks an example', async () => {
  const orders = { place: unasked, findByKey: unasked, findById: unasked, list: unasked };
  const faults = await faultsOfDescription('orders', (service) =>
    orderRoutes(service, { orders, placeOrder: unasked, edgeAuth: false }),
  );
  assert.deepEqual(faults, []);
});
