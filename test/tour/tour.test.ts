/**
 * The README's tour, command by command: up, an order, its trace, the dashboard's queries, k6, a service that goes away
 * while it runs and is seen in all three, and down. It brings its mesh up by itself (natively that of `MESH_INSTANCE`).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseDashboard, queriesOf } from '@microshop/grafana';
import { type CommandResult, mesh } from '../harness/mesh.ts';
import { silentQueries, valuesOf } from '../harness/prometheus.ts';
import { waitFor } from '../harness/wait.ts';
import { commandsOfMode } from './commands.ts';
import { run } from './run.ts';

const commands = commandsOfMode();

const dashboard = path.resolve(import.meta.dirname, '../../grafana/dashboards/shop-overview.json');

/** Time from an event to its numbers in Prometheus, milliseconds: pushed every 5 s, scraped every 5 s. */
const seenWithinMs = 30_000;

function query(name: string) {
  const queries = queriesOf(parseDashboard(readFileSync(dashboard, 'utf8')));
  return queries.find((one) => one.name === `shop-overview / ${name}`) ?? assert.fail(`no query ${name}`);
}

function done({ code, stdout, stderr }: CommandResult): string {
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const beganAt = Date.now();
let load: Promise<CommandResult> | undefined;
let isUp = false;

before(async () => {
  await assert.rejects(fetch(mesh.gateway), 'a mesh is up already; the tour brings up one of its own');
});
after(async () => {
  await load;
  if (isUp) await run(commands.down);
});

test('up', async () => {
  isUp = true;
  done(await run(commands.up));
});

test('an order, and its trace', async () => {
  assert.match(done(await run(commands.order)), /^order 1 is CONFIRMED$/m);
  assert.match(done(await run(commands.firstTrace)), /^complete/im);
});

test('the same in the queries of the dashboard', async () => {
  const names = ['Placed and ended / A', 'Placed and ended / B', 'Answers by status / A', 'Rate / A'];
  assert.deepEqual(await silentQueries(names.map(query), beganAt, seenWithinMs), []);
});

test('k6 begins', async () => {
  load = run(commands.load);
  // whatever it comes to is looked at below
  load.catch(() => undefined);
  await waitFor(
    'k6 measures',
    async () => {
      const sent = await valuesOf('sum(k6_orders_total{testid="steady", phase="measure"})');
      return sent.some((count) => count > 0) ? true : undefined;
    },
    60_000,
  );
});

test('users goes away: an order fails, and its trace says where', async () => {
  done(await run(commands.stop));
  const { code, stderr } = await run(commands.orderOfFirst);
  assert.equal(code, 1);
  const [, traceId] = /trace ([0-9a-f]{32})/.exec(stderr) ?? [];
  assert.ok(traceId !== undefined, stderr);
  // its spans come in batches, those of the gateway perhaps first
  await waitFor('the trace shows the call that failed', async () => {
    const { stdout } = await run(commands.trace, { 'trace id': traceId });
    return /call users.*✗/.test(stdout) ? true : undefined;
  });
});

test('the dashboard shows the edge that breaks, and what the client gets', async () => {
  await waitFor(
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
  done(await run(commands.start));
  await waitFor(
    'an order is confirmed',
    async () => ((await run(commands.order)).code === 0 ? true : undefined),
    30_000,
  );
});

test('k6 has seen it, too: FAIL, with the errors by code', async () => {
  const { code, stdout, stderr } = (await load) ?? assert.fail('k6 did not begin');
  assert.equal(code, 1, stdout + stderr);
  assert.match(stdout, /^verdict +FAIL$/m);
  assert.match(stdout, /^errors +.*(dependency_unavailable|breaker_open) \d+/m);
});

test('down', async () => {
  done(await run(commands.down));
  isUp = false;
  await assert.rejects(fetch(mesh.gateway));
});
