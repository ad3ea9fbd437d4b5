/** The page of metrics is true, and no label of a metric grows with the number of orders. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { differences, readFamilies, rowsOn, unbounded } from '@microshop/docs/metrics-page/index';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';

/** Time from an order to the last of its numbers, milliseconds: the apps push every 5 s, Prometheus scrapes every 5 s. */
const seenWithinMs = 120_000;

const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/reference/metrics.md'), 'utf8');

let families: Awaited<ReturnType<typeof readFamilies>>;

before(async () => {
  // k6 tells its own metrics while it runs
  const settings = { DURATION: '3s', P95_MS: '60000', P99_MS: '60000' };
  const { directory, stderr } = await mesh.load('smoke', settings);
  // some orders may be late; that it has measured is enough
  assert.ok(directory !== undefined, stderr);
  const look = async () => {
    families = await readFamilies(mesh.prometheus);
    return differences(rowsOn(text), families).length === 0 ? true : undefined;
  };
  // the tests say what differs; that is more than that something does
  await eventuallyDespiteErrors('the mesh tells what stands on the page', look, seenWithinMs, 500).catch(
    () => undefined,
  );
});

test('every metric on the page exists, and every one of ours stands there', () => {
  assert.deepEqual(differences(rowsOn(text), families), []);
});

test('a metric that was renamed is reported', () => {
  const renamed = text.replace('shop_orders_placed_total', 'shop_orders_accepted_total');
  assert.notEqual(renamed, text);
  assert.deepEqual(differences(rowsOn(renamed), families), [
    'shop_orders_accepted_total is on the page, and no process reports it',
    'shop_orders_placed_total, reported by orders, is not on the page',
  ]);
});

test('no label holds an id, and no metric has too many series', () => {
  assert.deepEqual(unbounded(families), []);
});
