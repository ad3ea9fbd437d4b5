/** Every panel that has something to show with `--edge-auth` only has it once clients were let in and refused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { parseDashboard, queriesOf } from '@microshop/grafana';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { clientRateLimits } from '@microshop/topology';
import { silentQueries, valuesOf } from '../harness/prometheus.ts';
import { request } from '../harness/shop.ts';
import { newCustomer, showing } from '../harness/sign-in.ts';

/** Time from a request to its number, milliseconds: Prometheus scrapes every 5 s, and a rate needs two. */
const deadlineMs = 60_000;

const folder = path.resolve(import.meta.dirname, '../../grafana/dashboards');
const queries = readdirSync(folder)
  .flatMap((file) => queriesOf(parseDashboard(readFileSync(path.join(folder, file), 'utf8'))))
  .filter(({ needs }) => needs === 'edge-auth');

/** What stays at 0 while all is well, and that users was unavailable would show (`keys.test.ts`). */
const zeroWhenWell = ['mesh / Keys of tokens / B'];

let since: number;
before(async () => {
  const { token } = await newCustomer();
  const statuses = async (ask: () => Promise<{ readonly status: number }>, count = 1) =>
    await Promise.all(Array.from({ length: count }, async () => (await ask()).status));
  const ordersOf = () => request('GET', '/api/orders?limit=1', undefined, showing(token));
  since = Date.now();
  assert.deepEqual(await statuses(() => request('GET', '/api/orders')), [401]);
  assert.deepEqual(await statuses(() => request('GET', '/api/users', undefined, showing(token))), [403]);
  assert.ok((await statuses(ordersOf, 3 * clientRateLimits.user.burst)).includes(429));
});

test('each of them returns data', async () => {
  assert.ok(queries.length > 0);
  assert.deepEqual(await silentQueries(queries, since, deadlineMs), []);
});

test('each line shows what was done', async () => {
  for (const { name, expr } of queries.filter((query) => !zeroWhenWell.includes(query.name))) {
    await eventuallyDespiteErrors(
      `${name} is above 0`,
      async () => (Math.max(...(await valuesOf(expr, since)), 0) > 0 ? true : undefined),
      deadlineMs,
    );
  }
  assert.ok(zeroWhenWell.every((name) => queries.some((query) => query.name === name)));
});
