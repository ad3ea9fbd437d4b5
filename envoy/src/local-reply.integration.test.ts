/** Failures that take a narrow gateway or an ill-behaved service to see: each has its problem. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer } from 'node:tls';
import { podsOf } from '@microshop/topology';
import { stringify } from 'yaml';
import { gatewayConfig } from './gateway.ts';
import { call } from './testing/call.ts';
import { materialOf } from './testing/certificates.ts';
import { at, listAt, withAt } from './testing/inspect.ts';
import { origin, startEnvoy } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Servers } from './testing/servers.ts';

const placement = testPlacement();
const gateway = origin(placement.gateway.address);
const routesPath = [
  ...['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0, 'typed_config'],
  ...['route_config', 'virtual_hosts', 0, 'routes'],
];
let servers: Servers;

/** The gateway with no room for a request to users that has to wait for a connection, and with routes that answer a status. */
function narrowGateway(): unknown {
  const config = gatewayConfig(placement);
  const users = config.static_resources.clusters.findIndex((cluster) => cluster['name'] === 'users');
  const thresholds = ['static_resources', 'clusters', users, 'circuit_breakers', 'thresholds', 0];
  const narrow = withAt(config, thresholds, { max_pending_requests: 0 });
  const answering = [429, 500].map((status) => ({
    match: { path: `/${status}` },
    direct_response: { status },
  }));
  return withAt(narrow, routesPath, [...answering, ...listAt(narrow, ...routesPath)]);
}

before(async () => {
  servers = await createServers();
  const file = join(servers.directory, 'narrow.yaml');
  await writeFile(file, stringify(narrowGateway(), { aliasDuplicateObjects: false }));
  await startEnvoy(servers, placement, 'gateway', file);
});

after(() => servers.close());

test('more requests to a service than its cluster takes: overloaded', async () => {
  const answer = await call(`${gateway}/api/users`);
  assertProblem(answer, 503, 'overloaded', '/api/users');
  assert.equal(answer.json()['dependency'], 'users');
  assert.equal(answer.headers['retry-after'], '1');
});

test('a limit on requests: overloaded', async () => {
  const answer = await call(`${gateway}/429`);
  assertProblem(answer, 429, 'overloaded', '/429');
  assert.equal(answer.headers['retry-after'], '1');
  assert.equal(at(answer.json(), 'dependency'), undefined);
});

test('a failure of the gateway itself: internal', async () => {
  assertProblem(await call(`${gateway}/500`), 500, 'internal', '/500');
});

test('a service that talks no HTTP, or breaks off: dependency_unavailable', async (t) => {
  const [pod] = podsOf(placement, 'orders');
  assert.ok(pod);
  const answers = ['nonsense\r\n\r\n', ''];
  const material = await materialOf(servers.directory, 'orders');
  const server = createServer(material, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(answers.shift() ?? ''));
  });
  server.listen(pod.inbound.port, pod.inbound.host);
  await once(server, 'listening');
  t.after(() => server.close());
  for (const flag of ['UPE', 'UC']) {
    const answer = await call(`${gateway}/api/orders`);
    assertProblem(answer, 503, 'dependency_unavailable', '/api/orders');
    assert.equal(answer.json()['dependency'], 'orders');
    assert.match(String(answer.json()['detail']), new RegExp(flag));
  }
});
