/** Headers with a meaning inside the mesh, sent from outside: none of them gets in as it was. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callerHeader, deadlineHeaders, podPorts, podsOf, traceIdHeader } from '@microshop/topology';
import { call } from './testing/call.ts';
import { origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement();
const gateway = origin(placement.gateway.address);

let servers: Servers;
let app: Upstream;

// Through gateway and sidecar: what counts is what the app sees.
before(async () => {
  servers = await createServers();
  const [pod] = podsOf(placement, 'users');
  assert.ok(pod);
  app = await servers.serve({ host: pod.localBind, port: podPorts.app }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await startEnvoys(servers, placement, ['gateway', 'users-sidecar']);
});

after(() => servers.close());

/** What a client sends. The app must see nothing of it, or the mesh's own value. */
const forged: readonly (readonly [header: string, value: string, becomes: RegExp | undefined])[] = [
  // identity
  [callerHeader, 'orders', /^gateway$/],
  ['x-mesh-user', '1', undefined],
  ['x-mesh-role', 'admin', undefined],
  ['authorization', 'Bearer of-somebody', undefined],
  ['x-forwarded-client-cert', 'URI=spiffe://microshop.mesh/orders', undefined],
  ['x-forwarded-for', '203.0.113.77', /^(?!203\.0\.113\.77)[0-9.]+$/],
  ['x-forwarded-host', 'evil.example', undefined],
  ['x-forwarded-proto', 'https', /^http$/],
  ['forwarded', 'for=203.0.113.77', undefined],
  // deadline
  [deadlineHeaders.start, '1', /^\d{13}$/],
  [deadlineHeaders.timeout, '999999', /^3500$/],
  // trace
  ['traceparent', `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`, /^00-(?!1{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/],
  ['tracestate', 'evil=1', /^$/],
  ['baggage', 'evil=1', undefined],
  ['b3', `${'1'.repeat(32)}-${'2'.repeat(16)}-0`, undefined],
  ['x-b3-traceid', '1'.repeat(32), undefined],
  ['x-b3-sampled', '0', undefined],
  ['x-client-trace-id', '11111111-1111-4111-8111-111111111111', undefined],
  [traceIdHeader, '1'.repeat(32), /^(?!1{32})[0-9a-f]{32}$/],
  ['x-request-id', '11111111-1111-4111-8111-111111111111', /^(?!1{8})[0-9a-f-]{36}$/],
  // faults
  ['x-envoy-fault-abort-request', '503', undefined],
  ['x-envoy-fault-abort-request-percentage', '100', undefined],
  ['x-envoy-fault-abort-grpc-request', '14', undefined],
  ['x-envoy-fault-delay-request', '5000', undefined],
  ['x-envoy-fault-delay-request-percentage', '100', undefined],
  ['x-envoy-fault-throughput-response', '1', undefined],
  // what Envoy lets a trusted client ask for, or says about a client
  ['x-envoy-max-retries', '9', undefined],
  ['x-envoy-retry-on', '5xx', undefined],
  ['x-envoy-upstream-rq-timeout-ms', '1', undefined],
  ['x-envoy-upstream-rq-per-try-timeout-ms', '1', undefined],
  ['x-envoy-expected-rq-timeout-ms', '1', undefined],
  ['x-envoy-upstream-alt-stat-name', 'evil', undefined],
  ['x-envoy-decorator-operation', 'evil', undefined],
  ['x-envoy-original-path', '/evil', undefined],
  ['x-envoy-attempt-count', '9', /^1$/],
  ['x-envoy-internal', 'true', undefined],
  ['x-envoy-external-address', '203.0.113.77', /^127\.0\.0\.1$/],
  ['x-envoy-downstream-service-cluster', 'orders', undefined],
  // the same by another spelling
  ['x_mesh_caller', 'orders', undefined],
  ['x_request_start', '1', undefined],
];

for (const [header, value, becomes] of forged) {
  test(`${header} from outside ${becomes === undefined ? 'does not get in' : 'is overwritten'}`, async () => {
    app.received.length = 0;
    const answer = await call(`${gateway}/api/users/1`, { headers: { [header]: value } });
    assert.equal(answer.status, 200, answer.text);
    const seen = app.received[0]?.headers[header];
    if (becomes === undefined) assert.equal(seen, undefined);
    else assert.match(String(seen), becomes);
    assert.notEqual(seen, value);
  });
}

test('headers of the shop itself pass', async () => {
  app.received.length = 0;
  const own = {
    'idempotency-key': 'a',
    'user-agent': 'b',
    'content-type': 'application/json',
    'x-other': 'c',
  };
  await call(`${gateway}/api/users`, { method: 'POST', headers: own, body: '{}' });
  for (const [header, value] of Object.entries(own)) {
    assert.equal(app.received[0]?.headers[header], value, header);
  }
});

test('a header that stands twice does not get in twice', async () => {
  app.received.length = 0;
  const { host, port } = placement.gateway.address;
  const answer = await fetch(`http://${host}:${port}/api/users/1`, {
    headers: [
      [callerHeader, 'orders'],
      [callerHeader, 'gateway'],
      [callerHeader.toUpperCase(), 'products'],
    ],
  });
  assert.equal(answer.status, 200);
  assert.equal(app.received[0]?.headers[callerHeader], 'gateway');
});
