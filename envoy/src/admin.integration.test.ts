/** A sidecar as it runs on Kubernetes: what its admin lets others read, and the drain that only its pod may begin. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { podPorts } from '@microshop/topology';
import { drainPath } from './admin.ts';
import { adminOf, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, type Servers } from './testing/servers.ts';

const placement = { ...testPlacement({ orders: 1 }), mode: 'kubernetes' as const };
const [pod] = placement.pods.filter(({ service }) => service === 'orders');
assert.ok(pod);
const seen = origin(adminOf(placement, pod.sidecar));
const own = `http://127.0.0.1:${podPorts.admin}`;

let servers: Servers;

before(async () => {
  process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'service.instance.id=orders-1';
  servers = await createServers();
  await servers.serve({ host: pod.localBind, port: podPorts.app }, (request, response) => {
    response.writeHead(request.url === '/health/ready' ? 503 : 200).end('from the app');
  });
  await startEnvoys(servers, placement, [pod.sidecar]);
});

after(async () => {
  delete process.env['OTEL_RESOURCE_ATTRIBUTES'];
  await servers.close();
});

test('others read it, and the health of the app behind it', async () => {
  for (const path of ['/ready', '/stats?filter=x', '/stats/prometheus', '/clusters', '/runtime']) {
    assert.equal((await fetch(seen + path)).status, 200, path);
  }
  assert.equal((await fetch(`${seen}/health/live`)).status, 200);
  assert.equal((await fetch(`${seen}/health/ready`)).status, 503);
});

test('others change nothing', async () => {
  for (const path of [drainPath, '/quitquitquit', '/runtime_modify?x=1', '/healthcheck/fail', '/logging']) {
    assert.equal((await fetch(seen + path, { method: 'POST' })).status, 404, path);
    assert.equal((await fetch(seen + path)).status, 404, path);
  }
  assert.equal((await fetch(`${seen}/stats`, { method: 'POST' })).status, 404);
});

test('the pod itself begins a drain, in exactly that way', async () => {
  const drain = (path: string) => fetch(own + path, { method: 'POST' });
  for (const path of ['/drain_listeners', '/drain_listeners?graceful', '/quitquitquit', `${drainPath}&x`]) {
    assert.equal((await drain(path)).status, 403, path);
  }
  assert.equal(await (await drain(drainPath)).text(), 'OK\n');
  assert.equal((await fetch(`${seen}/ready`)).status, 200, 'its admin goes on');
});
