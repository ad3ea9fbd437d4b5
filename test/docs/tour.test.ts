/**
 * The README's tour, command by command: up, an order, its trace, the dashboard's queries, k6, a service that goes down
 * while it runs and is seen in all three, the other pages, and down. It brings its mesh up by itself (natively that of `MESH_INSTANCE`).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseDashboard, queriesOf } from '@microshop/grafana';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { untilShown } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { scriptOf } from '../harness/pages/pages.ts';
import type { Typed } from '../harness/pages/session.ts';
import { silentQueries, valuesOf } from '../harness/prometheus.ts';

const { run, untyped } = scriptOf('README.md', 'test/docs/tour.test.ts');

const dashboard = path.resolve(import.meta.dirname, '../../grafana/dashboards/shop-overview.json');

/** Time from an event to its numbers in Prometheus, milliseconds: pushed every 5 s, scraped every 5 s. */
const seenWithinMs = 90_000;

function query(name: string) {
  const queries = queriesOf(parseDashboard(readFileSync(dashboard, 'utf8')));
  return queries.find((one) => one.name === `shop-overview / ${name}`) ?? assert.fail(`no query ${name}`);
}

const beganAt = Date.now();
let load: Promise<Typed> | undefined;
let isUp = false;

before(async () => {
  await assert.rejects(fetch(mesh.gateway), 'a mesh is up already; the tour brings up one of its own');
});
after(async () => {
  await load;
  if (isUp) await run('./mesh down');
});

test('up', async () => {
  isUp = true;
  await run('./mesh up --detach');
});

test('an order, and its trace', async () => {
  assert.match((await run('./mesh order')).output, /^order \d+ is CONFIRMED$/m);
  assert.match((await run('./mesh trace <order>')).output, /^complete/im);
});

test('the same in the queries of the dashboard', async () => {
  const names = ['Placed and ended / A', 'Placed and ended / B', 'Answers by status / A', 'Rate / A'];
  assert.deepEqual(await silentQueries(names.map(query), beganAt, seenWithinMs), []);
});

test('k6 begins', async () => {
  load = run('./mesh load steady --rate 10 --duration 30s');
  // whatever it comes to is looked at below
  load.catch(() => undefined);
  await eventuallyDespiteErrors(
    'k6 measures',
    async () => {
      const sent = await valuesOf('sum(k6_orders_total{testid="steady", phase="measure"})');
      return sent.some((count) => count > 0) ? true : undefined;
    },
    60_000,
  );
});

test('users goes down: an order fails, and its trace says where', async () => {
  await run('./mesh stop users');
  // the page says that it ends with 1, and `run` holds that
  await untilShown('an order is refused by name', async () => {
    const { output } = await run('./mesh order --user 1 --product 1');
    // on a busy machine it may run out of time instead
    return /503/.test(output) ? true : undefined;
  });
  // its spans come in batches, those of the gateway perhaps first
  await untilShown('the trace shows the call that failed', async () => {
    const { output } = await run('./mesh trace <trace id>');
    return /call users.*✗/.test(output) ? true : undefined;
  });
});

test('the dashboard shows the edge that breaks, and what the client gets', async () => {
  await eventuallyDespiteErrors(
    'errors on the edge from orders to users',
    async () => {
      const edge = query('Errors / A').expr.replaceAll('.*', 'users|orders');
      const failed = await valuesOf(query('Failed / A').expr);
      return (await valuesOf(edge)).some((share) => share > 0) && failed.some((share) => share > 0)
        ? true
        : undefined;
    },
    seenWithinMs,
  );
});

test('users is back: orders go on', async () => {
  await run('./mesh start users');
  await untilShown('an order is confirmed', async () => await run('./mesh order'));
});

test('k6 has seen it, too: FAIL, with the errors by code', async () => {
  const { output } = (await load) ?? assert.fail('k6 did not begin');
  assert.match(output, /^verdict +FAIL$/m);
  assert.match(output, /^errors +.*(dependency_unavailable|breaker_open) \d+/m);
});

// on this mesh: another one would take as long as most of the pages
await import('./pages.ts');

test('down', async () => {
  await run('./mesh down');
  isUp = false;
  await assert.rejects(fetch(mesh.gateway));
});

test('that was every line of the page', () => {
  assert.deepEqual(untyped(), []);
});
