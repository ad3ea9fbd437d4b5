import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Value } from 'typebox/value';
import { dashboardQuerySchema } from './dashboard-query.ts';
import { dashboardListSchema, dashboardSchema } from './dashboard-schemas.ts';
import { listDashboards, readDashboard } from './dashboards.ts';

/** What Prometheus would be asked, and answers that are alike for every query. */
async function prometheus(t: TestContext) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(url.searchParams.get('query') ?? url.searchParams.get('match[]') ?? '');
    const start = Number(url.searchParams.get('start'));
    const step = Number(url.searchParams.get('step'));
    const exemplars = Array.from({ length: 30 }, (_, index) => ({
      labels: { trace_id: `trace-${index}`, span_id: 'span' },
      value: String(index / 10),
      timestamp: start + index,
    }));
    const data = url.pathname.startsWith('/api/v1/label/')
      ? ['orders', 'users']
      : url.pathname === '/api/v1/query_exemplars'
        ? [{ seriesLabels: {}, exemplars }]
        : {
            result: [
              {
                metric: { service: 'orders' },
                values: [
                  [start, '1'],
                  [start + step, 'NaN'],
                ],
              },
            ],
          };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

test('the six are listed, each with what it is for', async () => {
  const { dashboards } = Value.Parse(dashboardListSchema, await listDashboards());
  assert.equal(dashboards.length, 6);
  assert.ok(
    dashboards.every(({ uid, title, description }) => uid !== '' && title !== '' && description.length > 20),
  );
});

test('every dashboard is filled with a value for each step, marks of faults among them', async (t) => {
  const { url } = await prometheus(t);
  for (const { uid } of (await listDashboards()).dashboards) {
    const until = Date.UTC(2026, 10, 27, 12);
    const data = Value.Parse(dashboardSchema, await readDashboard(url, uid, { minutes: 5, until }));
    const { startMs, endMs, stepMs } = data.range;
    assert.deepEqual([startMs, endMs, stepMs], [until - 300_000, until, 5000], uid);
    assert.deepEqual(data.events[0]?.stretches, [{ fromMs: startMs, toMs: startMs + stepMs, value: 1 }], uid);
    const filled = data.panels.filter(({ panel }) => panel.type !== 'row');
    assert.ok(filled.length > 5 && filled.every(({ series }) => series.length > 0), uid);
    const values = filled[0]?.series[0]?.values ?? [];
    assert.deepEqual([values.length, ...values.slice(0, 2)], [61, 1, null], uid);
  }
});

test('panels whose JSON asks for them have the slowest traces, and no others have any', async (t) => {
  const { url } = await prometheus(t);
  const { panels, range } = await readDashboard(url, 'shop-overview', {});
  const traced = panels.filter(({ traces }) => traces.length > 0);
  assert.deepEqual(
    traced.map(({ panel }) => panel.title),
    ['Time to answer'],
  );
  const traces = traced[0]?.traces ?? [];
  assert.equal(traces.length, 20);
  assert.deepEqual(traces[0], { atMs: range.startMs + 29_000, value: 2.9, traceId: 'trace-29' });
});

test('a dashboard of one service asks for that which is chosen, and for the first when none is', async (t) => {
  const { url, asked } = await prometheus(t);
  const first = await readDashboard(url, 'service', {});
  assert.deepEqual(
    first.variables.map(({ name, values, chosen, all }) => ({ name, values, chosen, all })),
    [{ name: 'service', values: ['orders', 'users'], chosen: 'orders', all: false }],
  );
  asked.length = 0;
  await readDashboard(url, 'service', { choose: 'caller:gateway,service:users' });
  assert.ok(
    asked.some((query) => query.includes('="users"') || query.includes('=~"users"')),
    asked.join('\n'),
  );
  assert.ok(!asked.some((query) => query.includes('"orders"')), asked.join('\n'));
});

test('a choice that would mean something to Prometheus is refused', () => {
  assert.ok(Value.Check(dashboardQuerySchema, { choose: 'service:orders' }));
  for (const value of ['service:.*', 'service:a"} or up', 'orders', 'service:'])
    assert.ok(!Value.Check(dashboardQuerySchema, { choose: value }), value);
});

test('neither an unknown dashboard nor a Prometheus that is down is an error of ours', async () => {
  await assert.rejects(readDashboard('http://127.0.0.1:2', 'none', {}), { status: 404 });
  await assert.rejects(readDashboard('http://127.0.0.1:2', 'mesh', {}), {
    status: 503,
    message: /Prometheus does not answer/,
  });
});
