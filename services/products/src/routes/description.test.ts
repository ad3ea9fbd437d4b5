import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfDescription } from '@microshop/service-kit/testing/description.ts';
import { productRoutes } from './products.ts';

const unasked = () => Promise.reject(new Error('not called here'));

test('the description is a valid document, and no operation lacks an example', async () => {
  const catalogue = {
    byIds: unasked,
    list: unasked,
    create: unasked,
    change: unasked,
    changeStock: unasked,
  };
  const faults = await faultsOfDescription('products', (service) => productRoutes(service, { catalogue }));
  assert.deepEqual(faults, []);
});
