/** Every query of every dashboard has something to show once orders were placed, some of them into faults. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DashboardQuery, emptyWhenWell, parseDashboard, queriesOf } from '@microshop/grafana';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { clearFaults, wellShop, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { silentQueries } from '../harness/prometheus.ts';

/** Time from an order to the last of its numbers, milliseconds: the checker of traces lets ten seconds pass first. */
const deadlineMs = 120_000;

const folder = path.resolve(import.meta.dirname, '../../grafana/dashboards');
const dashboards = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(path.join(folder, file), 'utf8'),
}));
const everyQuery = dashboards.flatMap(({ text }) => queriesOf(parseDashboard(text)));

/** Those of a dashboard that need no mode of the mesh other than that of these tests. */
const queriesIn = (text: string) =>
  queriesOf(parseDashboard(text)).filter(({ needs }) => needs === undefined);

/** Runs the scenario, whose orders need not be quick. */
async function smoke(settings: Readonly<Record<string, string>>) {
  const run = await mesh.load('smoke', { P95_MS: '60000', P99_MS: '60000', ...settings });
  assert.ok(run.directory !== undefined, `k6 wrote no summary: ${run.stderr}`);
  return run;
}

/** Orders are accepted, though two attempts of ten fail on the way. */
async function someTriesFail(): Promise<void> {
  await withFaults(
    [{ service: 'products', from: 'orders', abort: 503, percent: 20 }],
    async () => void (await smoke({})),
  );
}

/** Every order fails, the breaker opens, and five users wait too long to send as many as k6 is asked for. */
async function allFail(): Promise<void> {
  const { code, stdout } = await withFaults(
    [
      { service: 'products', from: 'orders', abort: 503 },
      { service: 'orders', from: 'gateway', delay_ms: 300 },
    ],
    async () => await smoke({ RATE: '40', VUS: '5', DURATION: '12s' }),
  );
  assert.equal(code, 3, `k6 must have dropped orders:\n${stdout}`);
}

let loadedAt: number;
before(async () => {
  await clearFaults();
  loadedAt = Date.now();
  await someTriesFail();
});

// the next test finds the breaker closed
after(() => wellShop(1));

describe('after a load with a fault every query returns data, but for those that are empty when all is well', () => {
  assert.ok(dashboards.length > 0);
  for (const { file, text } of dashboards) {
    test(file, async () => {
      const asked = queriesIn(text).filter(({ name }) => !emptyWhenWell.has(name));
      assert.ok(asked.length > 0);
      assert.deepEqual(await silentQueries(asked, loadedAt, deadlineMs), []);
    });
  }
});

test('those that are empty when all is well return data when it is not', async () => {
  const failedFrom = Date.now();
  await allFail();
  const asked: DashboardQuery[] = everyQuery.filter(({ name }) => emptyWhenWell.has(name));
  assert.equal(asked.length, emptyWhenWell.size);
  assert.deepEqual(await silentQueries(asked, failedFrom, deadlineMs), []);
});

test('those that need a mesh with --edge-auth return none here: with data they would be asked above', async () => {
  const asked = everyQuery.filter(({ needs }) => needs === 'edge-auth');
  assert.ok(asked.length > 0);
  assert.equal((await silentQueries(asked, loadedAt, 0)).length, asked.length);
});

/** What the lines of that load have in place of the labels and variables in links. */
const ofTheLoad: Readonly<Record<string, string>> = {
  ...{ '__field.labels.envoy_cluster_name': 'products', '__field.labels.service_name': 'orders' },
  ...{ '__field.labels.http_request_method': 'POST', '__field.labels.http_route': '/api/orders' },
  ...{ '__field.labels.span_name': 'POST /api/orders', '__field.labels.shop_error_class': 'breaker_open' },
  ...{ service: 'orders', 'jaeger:raw': mesh.jaeger },
};

/** Number of traces that Jaeger's search finds behind a link; its page hands its parameters on to its API. */
async function tracesBehind(link: string): Promise<number> {
  const places = { ...ofTheLoad, __from: String(loadedAt), __to: String(Date.now()) };
  const url = link.replace('/search?', '/api/traces?').replaceAll(/\$\{([^}]+)\}/g, (place, name: string) => {
    const value = new Map(Object.entries(places)).get(name);
    return value ?? assert.fail(`${link}: nothing for ${place}`);
  });
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  const { data }: { data: readonly unknown[] | null } = JSON.parse(await response.text());
  return data?.length ?? 0;
}

test('links lead to traces', async () => {
  const links = dashboards.flatMap(({ text }) =>
    parseDashboard(text).panels.flatMap(({ fieldConfig }) => fieldConfig?.defaults.links ?? []),
  );
  const urls = [...new Set(links.map(({ url }) => url ?? assert.fail('a link without an address')))];
  assert.ok(urls.length > 0);
  for (const url of urls) {
    await eventuallyDespiteErrors(`${url} finds a trace`, async () => (await tracesBehind(url)) > 0);
  }
});

test('a metric that was renamed is reported, with the queries that ask for it', async () => {
  const { text } = dashboards.find(({ file }) => file === 'shop-overview.json') ?? assert.fail();
  const renamed = text.replaceAll('shop_orders_placed_total', 'shop_orders_accepted_total');
  assert.notEqual(renamed, text);
  const asked = queriesIn(renamed).filter(({ name }) => !emptyWhenWell.has(name));
  // a busy Prometheus may leave another one unanswered
  const silent = await eventually('all others return data', async () => {
    const found = await silentQueries(asked, loadedAt, 0);
    return found.length === 1 ? found : undefined;
  });
  assert.deepEqual(silent, [
    'shop-overview / Placed and ended / A: there is no metric shop_orders_accepted_total',
  ]);
});
