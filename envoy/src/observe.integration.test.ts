/** What an Envoy tells about itself, against a running one: access log and admin. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { podsOf, traceIdHeader } from '@microshop/topology';
import { call } from './testing/call.ts';
import { adminOf, logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, type Servers } from './testing/servers.ts';

const placement = testPlacement();
const gateway = origin(placement.gateway.address);
let servers: Servers;

before(async () => {
  servers = await createServers();
  for (const pod of podsOf(placement, 'orders')) {
    await servers.serve(pod.inbound, (_request, response) => void response.end('{}'), pod.service);
  }
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

test('writes one JSON line per request', async () => {
  const answer = await call(`${gateway}/api/orders/7?a=b`, { headers: { 'user-agent': 'the test' } });
  const line = await logged(servers, 'gateway', String(answer.headers[traceIdHeader]));
  const {
    time,
    duration_ms: duration,
    request_id: id,
    span_id: span,
    upstream_ms: upstream,
    bytes_sent: sent,
    ...rest
  } = line;
  assert.ok(Date.now() - Date.parse(String(time)) < 60_000);
  assert.equal(typeof duration, 'number');
  assert.equal(typeof upstream, 'number');
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.match(String(span), /^[0-9a-f]{16}$/);
  assert.equal(sent, 2);
  assert.deepEqual(rest, {
    level: 'info',
    msg: 'request',
    service: 'gateway',
    direction: 'edge',
    trace_id: answer.headers[traceIdHeader],
    method: 'GET',
    path: '/api/orders/7',
    route: '/api/orders',
    status: 200,
    response_flags: '-',
    response_code_details: 'via_upstream',
    upstream_cluster: 'orders',
    upstream_host: `${placement.pods.find((pod) => pod.app === 'orders')?.inbound.host}:15006`,
    attempts: 1,
    bytes_received: 0,
    protocol: 'HTTP/1.1',
    client_address: '127.0.0.1',
  });
});

test('admin tells and changes nothing', async () => {
  const admin = origin(adminOf(placement, 'gateway'));
  for (const path of [
    '/stats',
    '/stats?filter=edge',
    '/stats/prometheus',
    '/ready',
    '/clusters',
    '/config_dump',
    '/runtime',
  ]) {
    assert.equal((await call(admin + path)).status, 200, path);
  }
  for (const path of [
    '/',
    '/help',
    '/server_info',
    '/runtime_modify?x=1',
    '/quitquitquit',
    '/healthcheck/fail',
    '/logging?level=off',
    '/reset_counters',
    '/drain_listeners',
    '/stats/recentlookups/clear',
    '/readyx',
    '/runtime/../quitquitquit',
  ]) {
    assert.equal((await call(admin + path)).status, 403, `GET ${path}`);
    assert.equal((await call(admin + path, { method: 'POST' })).status, 403, `POST ${path}`);
  }
  const metrics = (await call(`${admin}/stats/prometheus`)).text;
  assert.match(metrics, /envoy_cluster_upstream_rq_time_bucket\{envoy_cluster_name="orders",le="900"\}/);
});
