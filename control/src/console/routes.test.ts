import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLogger, createService } from '@microshop/service-kit';
import { callEdges, nativePlacement, topologyPolicies } from '@microshop/topology';
import { Value } from 'typebox/value';
import { auditSources } from '../audit/sources.ts';
import { figureOf } from '../completeness/figure.ts';
import { guard } from '../service/guard.ts';
import { problemOf } from '../service/problem.ts';
import { shopClient } from '../service/shop.ts';
import { runPagePath, startedPath } from './experiment-schemas.ts';
import { healthSchema } from './health-schemas.ts';
import { messagesSchema } from './message-schemas.ts';
import { processFaultPath } from './process-schemas.ts';
import { registerConsole } from './routes.ts';
import { overviewSchema, sessionPath } from './schemas.ts';
import { createSessions } from './sessions.ts';
import { createTraffic } from './traffic.ts';

const token = 'a-token-of-this-test';
const own = { host: '127.0.0.1:8090', origin: 'http://127.0.0.1:8090' };

/** A service with the page of a directory. Nothing runs where its parts would be. */
async function service(t: TestContext) {
  const page = await mkdtemp(path.join(os.tmpdir(), 'console-page-'));
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  t.after(async () => {
    await fastify.close();
    await rm(page, { recursive: true, force: true });
  });
  const sessions = createSessions(1);
  guard(fastify, { hostNames: ['127.0.0.1'], token, sessions });
  const closed = { host: '127.0.0.1', port: 2 };
  const none = 'http://127.0.0.1:2';
  const addresses = {
    ...{ gateway: none, jaeger: none, prometheus: none, management: none },
    ...{ postgres: closed, redis: closed },
  };
  await registerConsole(fastify, {
    page,
    sessions,
    placement: nativePlacement({ env: {} }),
    addresses,
    changes: {
      read: async () => ({
        ...{ faults: [], policyRecords: [], lease: null },
        ...{ policies: topologyPolicies, problems: [] },
      }),
    },
    sources: { ...auditSources({}), postgres: closed },
    traffic: createTraffic(shopClient(none)),
    logs: undefined,
    experiments: path.join(page, 'experiments'),
    run: undefined,
    processes: undefined,
    completeness: () => figureOf([], [], 300),
  });
  fastify.delete('/thing', async () => 'gone');
  return { fastify, page };
}

test('each view is the page, which may load nothing from elsewhere', async (t) => {
  const { fastify, page } = await service(t);
  const mapOnly = '<link rel="modulepreload" href="/assets/graph-1.js" data-view="/">';
  await writeFile(
    path.join(page, 'index.html'),
    `<!doctype html><head><title>built</title>${mapOnly}</head>`,
  );
  const nonces = new Set<string>();
  await mkdir(path.join(page, 'assets'));
  await writeFile(path.join(page, 'assets/index-1.js'), 'run()');
  for (const url of [
    '/',
    '/orders',
    '/orders/7',
    '/faults',
    '/messages',
    '/health',
    '/dashboards',
    '/dashboards/mesh',
    '/experiments',
  ]) {
    const answer = await fastify.inject({ url, headers: { host: own.host } });
    assert.match(answer.body, /built/, url);
    assert.equal(answer.body.includes(mapOnly), url === '/', url);
    const policy = String(answer.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /https?:|unsafe/);
    const nonce = /style-src 'self' 'nonce-([\w+/=]{20,})';/.exec(policy)?.[1] ?? '';
    assert.ok(answer.body.includes(`<meta property="csp-nonce" nonce="${nonce}" />`), answer.body);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 9, 'each answer has its own');
  const script = await fastify.inject({ url: '/assets/index-1.js', headers: { host: own.host } });
  assert.deepEqual([script.statusCode, script.body], [200, 'run()']);
  assert.match(String(script.headers['content-type']), /javascript/);
  assert.match(String(script.headers['content-security-policy']), /style-src 'self';/);
});

test('an address that names nothing is the page for who opens it, and a problem for programs', async (t) => {
  const { fastify, page } = await service(t);
  const mapOnly = '<link rel="modulepreload" href="/assets/graph-1.js" data-view="/">';
  await writeFile(path.join(page, 'index.html'), `<head><title>built</title>${mapOnly}</head>`);
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
  const ask = (url: string, headers = {}) => fastify.inject({ url, headers: { host: own.host, ...headers } });
  for (const url of ['/nope', '/orders/7/nope?paused=true', '/traces']) {
    const answer = await ask(url, { accept });
    assert.deepEqual([answer.statusCode, answer.body.includes('built')], [404, true], url);
    assert.ok(!answer.body.includes(mapOnly), url);
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
    const { code, detail } = (await ask(url)).json();
    assert.deepEqual([code, detail], ['not_found', `There is no GET ${url.split('?')[0]}`]);
  }
  assert.equal((await ask('/api/nope', { accept })).json().code, 'not_found');
  assert.equal((await ask('/nope', { accept, 'sec-fetch-site': 'cross-site' })).statusCode, 403);
});

test('nothing but the page is read from its directory, and not from other sites', async (t) => {
  const { fastify, page } = await service(t);
  await writeFile(path.join(page, 'sources'), 'digest');
  for (const url of [
    '/sources',
    '/assets/../sources',
    '/assets/%2e%2e/sources',
    '/assets/..%2f..',
    '/assets/none.js',
  ]) {
    assert.equal((await fastify.inject({ url, headers: { host: own.host } })).statusCode, 404, url);
  }
  const elsewhere = await fastify.inject({ url: '/', headers: { host: 'evil.example' } });
  assert.equal(elsewhere.statusCode, 403);
  const framed = await fastify.inject({
    url: '/',
    headers: { host: own.host, 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(framed.statusCode, 403);
});

test('a page that is not built yet says so, and appears by itself', async (t) => {
  const { fastify } = await service(t);
  const answer = await fastify.inject({ url: '/', headers: { host: own.host } });
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /http-equiv="refresh"/);
});

test('a code, which only the token makes, lets one page change the mesh', async (t) => {
  const { fastify } = await service(t);
  const make = (headers: Readonly<Record<string, string>>) =>
    fastify.inject({ method: 'POST', url: '/api/console/codes', headers: { host: own.host, ...headers } });
  assert.equal((await make({})).statusCode, 401);
  const { code } = (await make({ authorization: `Bearer ${token}` })).json();

  const enter = () => fastify.inject({ method: 'POST', url: sessionPath, headers: own, payload: { code } });
  const entered = await enter();
  assert.equal(entered.statusCode, 204);
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
  assert.equal((await enter()).statusCode, 401, 'it is good once');

  const mayChange = async (headers: Readonly<Record<string, string>>) =>
    (await fastify.inject({ url: sessionPath, headers: { host: own.host, ...headers } })).json().may_change;
  assert.equal(await mayChange({}), false);
  assert.equal(await mayChange({ cookie }), true);
  const change = (headers: Readonly<Record<string, string>>) =>
    fastify.inject({ method: 'DELETE', url: '/thing', headers });
  assert.equal((await change({ ...own, cookie })).statusCode, 200);
  assert.equal((await change(own)).statusCode, 401);
});

test('the map is there whatever does not answer, and names it with the reason', async (t) => {
  const { fastify } = await service(t);
  const answer = await fastify.inject({ url: '/api/console/overview', headers: { host: own.host } });
  const { parts, edges, lacks } = Value.Parse(overviewSchema, answer.json());
  assert.deepEqual(lacks, ['Figures: prometheus does not answer (connection refused)']);
  assert.equal(edges.length, callEdges.length + 8);
  assert.ok(edges.every(({ rate }) => rate === null));
  const postgres = parts.find(({ name }) => name === 'postgres');
  assert.deepEqual(postgres, { name: 'postgres', kind: 'server', healthy: false, why: 'connection refused' });
});

test('of messages, what cannot be read is named once, with the reason', async (t) => {
  const { fastify } = await service(t);
  const answer = await fastify.inject({ url: '/api/console/messages', headers: { host: own.host } });
  const { outboxes, queues, lacks } = Value.Parse(messagesSchema, answer.json());
  assert.deepEqual([outboxes, queues], [[], []]);
  assert.equal(lacks.length, 3);
  for (const what of ['The outbox of orders', 'The outbox of products', 'The queues'])
    assert.ok(
      lacks.some((lack) => lack.startsWith(`${what} cannot be read: `) && lack.length > 40),
      what,
    );
});

test('without Prometheus nothing of health is called well, and the reason stands with it', async (t) => {
  const { fastify } = await service(t);
  const answer = await fastify.inject({ url: '/api/console/health', headers: { host: own.host } });
  const { objective, alerts, invariants, lacks } = Value.Parse(healthSchema, answer.json());
  assert.deepEqual([objective, alerts], [null, null]);
  assert.deepEqual(lacks.toSorted(), [
    'The alerts: prometheus does not answer (connection refused)',
    'The objective: prometheus does not answer (connection refused)',
  ]);
  assert.deepEqual(
    invariants.map(({ id, verdict }) => `${id} ${verdict}`),
    ['I5 UNKNOWN', 'I6 UNKNOWN', 'I7 UNKNOWN', 'I8 UNKNOWN'],
  );
  assert.match(invariants[0]?.why ?? '', /prometheus does not answer/);
});

test('a dashboard needs Prometheus; the list of them does not', async (t) => {
  const { fastify } = await service(t);
  const ask = (url: string) => fastify.inject({ url, headers: { host: own.host } });
  const list = await ask('/api/console/dashboards');
  assert.deepEqual([list.statusCode, list.json().dashboards.length], [200, 6]);
  const one = await ask('/api/console/dashboards/service?minutes=5&until=1700000000000&choose=service:users');
  assert.deepEqual([one.statusCode, one.json().code], [503, 'dependency_unavailable']);
  // a later moment has no date
  for (const wrong of ['minutes=0', 'minutes=361', 'until=8640000000000001', 'choose=service:.*'])
    assert.equal((await ask(`/api/console/dashboards/service?${wrong}`)).statusCode, 400, wrong);
});

test('what no order can have is the mistake of who asks, not of the database', async (t) => {
  const { fastify } = await service(t);
  for (const wrong of ['search=%00', 'before=2147483648', 'before=0']) {
    const answer = await fastify.inject({
      url: `/api/console/orders?${wrong}`,
      headers: { host: own.host },
    });
    assert.equal(answer.statusCode, 400, `${wrong}: ${answer.body}`);
  }
});

test('where the checkout is out of reach no experiment is started, and the page knows', async (t) => {
  const { fastify } = await service(t);
  const watched = await fastify.inject({ url: startedPath, headers: { host: own.host } });
  assert.deepEqual(watched.json(), { names: null, started: null });
  const start = (headers: Readonly<Record<string, string>>) =>
    fastify.inject({ method: 'POST', url: startedPath, headers, payload: { name: 'sale' } });
  assert.equal((await start({ host: own.host })).statusCode, 401);
  assert.equal((await start({ host: own.host, authorization: `Bearer ${token}` })).statusCode, 404);
});

test('where the checkout is out of reach no process is made to fail, and what is no part is never typed', async (t) => {
  const { fastify } = await service(t);
  const fail = (part: string, headers = {}) =>
    fastify.inject({
      method: 'POST',
      url: processFaultPath,
      headers: { host: own.host, ...headers },
      payload: { part, kind: 'kill' },
    });
  assert.equal((await fail('redis')).statusCode, 401);
  const authorization = `Bearer ${token}`;
  assert.equal((await fail('redis', { authorization })).statusCode, 404);
  assert.equal((await fail('--all', { authorization })).statusCode, 400);
});

test('the page of an experiment runs nothing, loads nothing, and has no origin', async (t) => {
  const { fastify, page } = await service(t);
  const folder = 'sale-20261127T040512Z';
  await mkdir(path.join(page, 'experiments', folder), { recursive: true });
  await writeFile(path.join(page, 'experiments', folder, 'experiment.html'), '<script>run()</script>');
  const ask = (url: string, headers = {}) => fastify.inject({ url, headers: { host: own.host, ...headers } });
  const list = await ask('/api/console/experiments?name=sale');
  assert.deepEqual([list.json().count, list.json().runs[0].page], [1, true]);
  const answer = await ask(runPagePath(folder));
  assert.equal(answer.statusCode, 200);
  const policy = String(answer.headers['content-security-policy']);
  assert.match(policy, /default-src 'none';.*; sandbox$/);
  assert.doesNotMatch(policy, /script-src|allow-|https?:/);
  // a browser shows no sandbox that has one
  assert.equal(answer.headers['cross-origin-opener-policy'], undefined);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.equal((await ask(runPagePath('sale-20261128T040512Z'))).statusCode, 404);
  assert.equal((await ask(runPagePath(encodeURIComponent(`../${folder}`)))).statusCode, 404);
  assert.equal((await ask(runPagePath(folder), { 'sec-fetch-site': 'cross-site' })).statusCode, 403);
});
