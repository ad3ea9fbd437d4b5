import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAccess } from './access-description.ts';
import type { ApiDocument } from './api-description.ts';

test('each operation says who may use it, and the refusals that come of it', () => {
  const document: ApiDocument = {
    paths: {
      '/api/products': { get: { responses: { 200: {} } }, post: { responses: { 201: {} } } },
      '/api/orders/{id}': { get: { responses: { 200: {} } } },
    },
  };
  describeAccess(document);
  const { '/api/products': products, '/api/orders/{id}': order } = document.paths ?? {};
  assert.deepEqual(products?.get?.security, [{}]);
  assert.deepEqual(Object.keys(products?.get?.responses ?? {}), ['200', '401']);
  assert.deepEqual(products?.post?.security, [{ token: [] }]);
  assert.match(String(products?.post?.description), /Admins only/);
  assert.deepEqual(Object.keys(order?.get?.responses ?? {}), ['200', '401', '403']);
});
