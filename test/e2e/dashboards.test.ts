/** Every query of every dashboard has something to show once orders were placed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { emptyWhenWell, parseDashboard, queriesOf } from '@microshop/grafana';
import { mesh } from '../harness/mesh.ts';
import { silentQueries } from '../harness/prometheus.ts';

/** Time from an order to the last of its numbers, milliseconds: the apps push every 5 s, Prometheus scrapes every 5 s. */
const deadlineMs = 60_000;

const folder = path.resolve(import.meta.dirname, '../../grafana/dashboards');
const dashboards = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(path.join(folder, file), 'utf8'),
}));

before(async () => {
  const { code, stderr } = await mesh.load('smoke', { P95_MS: '60000', P99_MS: '60000' });
  assert.equal(code, 0, stderr);
});

describe('every query returns data', () => {
  assert.ok(dashboards.length > 0);
  for (const { file, text } of dashboards) {
    test(file, async () => {
      const queries = queriesOf(parseDashboard(text)).filter(({ name }) => !emptyWhenWell.has(name));
      assert.ok(queries.length > 0);
      assert.deepEqual(await silentQueries(queries, deadlineMs), []);
    });
  }
});

test('a metric that was renamed is reported, with the queries that ask for it', async () => {
  const { text } = dashboards.find(({ file }) => file === 'shop-overview.json') ?? assert.fail();
  const renamed = text.replaceAll('shop_orders_placed_total', 'shop_orders_accepted_total');
  assert.notEqual(renamed, text);
  const queries = queriesOf(parseDashboard(renamed)).filter(({ name }) => !emptyWhenWell.has(name));
  assert.deepEqual(await silentQueries(queries, 2000), [
    'shop-overview / Placed and ended / A: there is no metric shop_orders_accepted_total',
  ]);
});
