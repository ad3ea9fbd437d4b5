/**
 * What the map and its panels ask of the control service stays quick beside 100,000 orders, while a few more come. On a machine
 * that does nothing else, with a mesh that has had no order (a fresh instance), on which it leaves these orders:
 *
 *     MESH_TEST_INSTANCE=3 node_modules/.bin/node test/browser/map-calls.bench.ts
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceNamed } from '@microshop/topology';
import pg from 'pg';
import { fillOrders } from '../audit/many-orders.ts';
import { holdCallTimes } from '../harness/call-times.ts';
import { askControl } from '../harness/control.ts';
import { mesh } from '../harness/mesh.ts';

const orders = 100_000;
/** Times each call is made; one of twenty may take longer than {@link limitMs}. */
const times = 40;
const limitMs = 200;

test(`p95 of what the map asks is at most ${limitMs} ms with ${orders} orders`, async (t) => {
  const password = await mesh.secret('postgres');
  await fillOrders(async (service, text, params = []) => {
    const database = serviceNamed(service).database.name;
    const client = new pg.Client({ ...mesh.postgres, user: 'postgres', password, database });
    await client.connect();
    try {
      return await client.query(text, [...params]);
    } finally {
      await client.end();
    }
  }, orders);
  const begun = await askControl('POST', '/api/console/traffic', { rate: 10, seconds: 60 });
  assert.ok(begun.status < 300, begun.text);

  const urls = [
    '/api/console/session',
    '/api/console/overview',
    '/api/console/edges/orders/products/series',
    '/api/console/edges/orders/products/traces',
    '/api/console/health',
    '/api/console/orders',
    '/api/console/messages',
    '/api/faults',
    '/api/policies',
  ];
  const call = async (url: string) => {
    const response = await fetch(new URL(url, mesh.control));
    return { status: response.status, body: await response.text() };
  };
  await holdCallTimes(t, { urls, times, limitMs, call });
});
