import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfDescription } from '@microshop/service-kit/testing/description.ts';
import { productRoutes } from './products.ts';

const unasked = () => Promise.reject(new Error('nobody asks'));

test('the description is a valid document, and no operation lacks an example', async () => {
  const options = {
    store: { create: unasked, update: unasked, findByIds: unasked },
    catalogue: { byIds: unasked, list: unasked },
    sql: { query: unasked, transaction: unasked },
  };
  assert.deepEqual(await faultsOfDescription('products', (service) => productRoutes(service, options)), []);
});
