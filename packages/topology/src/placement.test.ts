import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  composePlacement,
  kubernetesPlacement,
  nativePlacement,
  type Placement,
} from './placement.ts';
import { instanceNumber, portOf } from './ports.ts';
import { services } from './services.ts';

/** Every address something binds in a native mesh. */
function bound(placement: Placement): string[] {
  const { gateway, rabbitmq, jaeger, postgres, redis, prometheus, control, grafana } = placement;
  const servers: Address[] = [postgres, redis, prometheus, control, grafana];
  servers.push(gateway.listen, gateway.tls.listen, gateway.admin, ...Object.values(rabbitmq));
  servers.push(...Object.values(jaeger).filter((value): value is Address => typeof value === 'object'));
  const pods = placement.pods.flatMap((pod) => [
    pod.inbound,
    pod.admin,
    { host: pod.localBind, port: 15_001 },
    { host: pod.localBind, port: 3000 },
  ]);
  return [...servers, ...pods].map(({ host, port }) => `${host}:${port}`);
}

test('no two things of any two native meshes, replicas included, bind the same address', () => {
  const all: string[] = [];
  for (let instance = 1; instance <= 9; instance += 1) {
    all.push(...bound(nativePlacement({ instance, replicas: { orders: 3, users: 2 }, env: {} })));
  }
  const twice = all.filter((address, index) => all.indexOf(address) !== index);
  assert.deepEqual(twice, []);
});

test('the host ports are those of the contract, and each can be moved', () => {
  assert.equal(portOf('gateway', 1, {}), 8080);
  assert.equal(portOf('gateway', 2, {}), 8180);
  assert.equal(portOf('gateway', 2, { MESH_PORT_GATEWAY: '18080' }), 18_080);
  assert.equal(portOf('gateway_tls', 1, {}), 8443);
  assert.throws(() => portOf('gateway', 1, { MESH_PORT_GATEWAY: '80a' }), /MESH_PORT_GATEWAY/);
  assert.throws(() => instanceNumber({ MESH_INSTANCE: '10' }), /MESH_INSTANCE/);
});

test('replicas add pods with names and addresses of their own; the first keeps the plain names', () => {
  const placement = nativePlacement({ instance: 1, replicas: { orders: 2 }, env: {} });
  // services that come after these have addresses after theirs
  const pods = ['users', 'products', 'orders'].flatMap((name) =>
    placement.pods.filter(({ service }) => service === name),
  );
  assert.deepEqual(
    pods.map((pod) => [pod.app, pod.sidecar, pod.inbound.host]),
    [
      ['users', 'users-sidecar', '127.0.0.11'],
      ['products', 'products-sidecar', '127.0.0.12'],
      ['orders', 'orders-sidecar', '127.0.0.13'],
      ['orders-2', 'orders-sidecar-2', '127.0.0.23'],
    ],
  );
});

test('compose has one pod of each service, reached by name, its app by its own sidecar only', () => {
  const { pods } = composePlacement();
  assert.deepEqual(
    pods.map((pod) => pod.inbound.host),
    services.map((service) => service.name),
  );
  assert.ok(pods.every((pod) => pod.localBind === '127.0.0.1'));
});

test('clients find the port that is published, parts the one inside the containers', () => {
  const { port, address } = composePlacement({ env: { MESH_PORT_GATEWAY_TLS: '18443' } }).gateway.tls;
  assert.deepEqual([port, address.port], [18_443, 8443]);
});

test('on Kubernetes parts have the names of their Services, and a service one entry for all its pods', () => {
  const { mode, ...placement } = kubernetesPlacement();
  const { mode: _, ...compose } = composePlacement();
  assert.equal(mode, 'kubernetes');
  assert.deepEqual(placement, compose);
});
