/** Certificates change under load, against a running gateway and sidecar; and a caller trusts its callee only. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { type Identity, podPorts, podsOf, type ServiceName } from '@microshop/topology';
import { gatewayConfig } from './gateway.ts';
import { type Answer, call } from './testing/call.ts';
import { materialOf, renewCertificates, shownSerial } from './testing/certificates.ts';
import { adminOf, origin, startEnvoy, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Handler, patienceMs, type Servers } from './testing/servers.ts';
import { toYaml } from './write.ts';

const placement = testPlacement();
const gateway = origin(placement.gateway.address);
const ok: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
};

let servers: Servers;

/** The gateway, making new connections all the time, so that there are handshakes while certificates change. */
async function startRestlessGateway(): Promise<void> {
  const file = join(servers.directory, 'restless.yaml');
  const text = toYaml(gatewayConfig(placement));
  const restless = text.replaceAll('max_connection_duration: 60s', 'max_connection_duration: 0.1s');
  assert.notEqual(restless, text);
  await writeFile(file, restless);
  await startEnvoy(servers, placement, 'gateway', file);
}

function podOf(service: ServiceName) {
  const [pod] = podsOf(placement, service);
  assert.ok(pod);
  return pod;
}

before(async () => {
  servers = await createServers();
  await servers.serve({ host: podOf('users').localBind, port: podPorts.app }, ok);
  await startEnvoys(servers, placement, ['users-sidecar']);
  await startRestlessGateway();
});

after(() => servers.close());

async function gatewayCounter(name: string): Promise<number> {
  const { text } = await call(`${origin(adminOf(placement, 'gateway'))}/stats?filter=^${name}$`);
  return Number(/: (\d+)/.exec(text)?.[1]);
}

test('certificates are renewed three times under load: every request is answered, and the new ones are shown', async () => {
  const agent = new Agent({ keepAlive: true });
  const statuses = new Map<number, number>();
  let ending = false;
  const client = async (): Promise<void> => {
    while (!ending) {
      const { status } = await call(`${gateway}/api/users/1`, { agent });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  // (the counters of `ssl.` restart with each certificate)
  const connectionsMade = () => gatewayCounter('cluster.users.upstream_cx_total');
  const connections = await connectionsMade();

  const seen = new Set<string>();
  // a caller that never reads the new files: it trusts the new certificates, and is trusted, as long as its own lives
  const before = await materialOf(servers.directory, 'orders');
  const shown = () => shownSerial(podOf('users').inbound, before);
  const answered = () => [...statuses.values()].reduce((sum, count) => sum + count, 0);
  seen.add(await shown());
  for (let turn = 1; turn <= 3; turn += 1) {
    await renewCertificates(servers.directory);
    await eventually(
      `the sidecar shows another certificate, turn ${turn}`,
      async () => !seen.has(await shown()),
      patienceMs,
    );
    seen.add(await shown());
    // the load goes on with it, on connections made with it
    const target = answered() + 200;
    await eventually('200 more requests are answered', async () => answered() >= target, patienceMs);
    const more = (await connectionsMade()) + 4;
    await eventually(
      '4 more connections are made',
      async () => (await connectionsMade()) >= more,
      patienceMs,
    );
  }
  ending = true;
  await clients;
  agent.destroy();

  assert.equal(seen.size, 4);
  assert.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]));
  const made = (await connectionsMade()) - connections;
  assert.ok(made > 10, `${made} new connections`);
  assert.equal(await gatewayCounter('cluster.users.upstream_cx_connect_fail'), 0);
});

test('a callee that is somebody else, or speaks plainly, is not called', async (t) => {
  // in the place of products' inbound listener
  const { inbound } = podOf('products');
  const impostors: readonly (readonly [string, Identity | undefined, string])[] = [
    ['users', 'users', 'cluster.products.ssl.fail_verify_san'],
    ['nobody', undefined, 'cluster.products.ssl.connection_error'],
  ];
  for (const [name, identity, counted] of impostors) {
    await t.test(name, async () => {
      const impostor = await servers.serve(inbound, ok, identity);
      const before = await gatewayCounter(counted);
      const answer: Answer = await call(`${gateway}/api/products`);
      await impostor.close();
      assertProblem(answer, 503, 'dependency_unavailable', '/api/products');
      assert.equal(impostor.received.length, 0);
      assert.equal(await gatewayCounter(counted), before + 2, 'both attempts');
    });
  }
  const products = await servers.serve(inbound, ok, 'products');
  assert.equal((await call(`${gateway}/api/products`)).status, 200);
  assert.equal(products.received.length, 1);
});
