import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  composePlacement,
  edgePolicy,
  edges,
  nativePlacement,
  type Placement,
  podsOf,
  type ServiceName,
  services,
} from '@microshop/topology';
import type { EnvoyBootstrap } from './bootstrap.ts';
import { sidecarConfig } from './sidecar.ts';
import { at, clusterOf, listAt, managerOf } from './testing/inspect.ts';

const native = nativePlacement({ instance: 1, env: {} });

function configOf(service: ServiceName, placement: Placement = native): EnvoyBootstrap {
  const [pod] = podsOf(placement, service);
  assert.ok(pod);
  return sidecarConfig(placement, pod);
}

function hostsOf(service: ServiceName): ReadonlyMap<string, unknown> {
  const hosts = listAt(managerOf(configOf(service), 'outbound'), 'route_config', 'virtual_hosts');
  return new Map(hosts.map((host) => [String(at(host, 'domains', 0)), host]));
}

test('every edge of the topology has a virtual host and a cluster at its caller', () => {
  for (const { caller, callee } of edges) {
    const host = hostsOf(caller).get(callee);
    assert.ok(host, `${caller} to ${callee}`);
    assert.equal(at(host, 'routes', 0, 'route', 'cluster'), callee);
    assert.ok(clusterOf(configOf(caller), callee));
  }
});

test('nothing but the edges can be called', () => {
  for (const service of services) {
    const hosts = hostsOf(service.name);
    assert.deepEqual([...hosts.keys()].sort(), [...service.calls, '*'].sort());
    assert.equal(at(hosts.get('*'), 'routes', 0, 'direct_response', 'status'), 403);
    for (const other of services.filter((candidate) => !service.calls.includes(candidate.name))) {
      assert.equal(
        clusterOf(configOf(service.name), other.name),
        undefined,
        `${service.name} to ${other.name}`,
      );
    }
  }
});

test('only GET is retried, within the policy of the edge; anything else where no app has seen it', () => {
  for (const { caller, callee } of edges) {
    const [get, other, ...more] = listAt(hostsOf(caller).get(callee), 'routes');
    assert.deepEqual(more, []);
    assert.deepEqual(at(get, 'match', 'headers'), [{ name: ':method', string_match: { exact: 'GET' } }]);
    const retries = at(get, 'route', 'retry_policy');
    assert.equal(at(retries, 'num_retries'), edgePolicy.tries - 1);
    assert.equal(at(retries, 'per_try_timeout'), `${edgePolicy.perTryTimeoutMs / 1000}s`);
    assert.equal(at(retries, 'retry_on'), edgePolicy.retryOn);
    assert.deepEqual(at(retries, 'retry_back_off'), { base_interval: '0.025s', max_interval: '0.075s' });
    assert.equal(at(other, 'match', 'headers'), undefined);
    assert.equal(
      at(other, 'route', 'retry_policy', 'retry_on'),
      'connect-failure,refused-stream,retriable-headers',
    );
    assert.equal(at(other, 'route', 'retry_policy', 'per_try_timeout'), undefined);
    for (const route of [get, other]) {
      assert.equal(at(route, 'route', 'timeout'), `${edgePolicy.timeoutMs / 1000}s`);
    }
  }
});

test('a budget bounds the retries of a cluster', () => {
  const budget = at(
    clusterOf(configOf('orders'), 'users'),
    'circuit_breakers',
    'thresholds',
    0,
    'retry_budget',
  );
  assert.deepEqual(budget, { budget_percent: { value: 20 }, min_retry_concurrency: 10 });
});

test('inbound goes to the app of the pod and retries nothing', () => {
  for (const [placement, host] of [
    [native, '127.0.0.13'],
    [composePlacement(), '127.0.0.1'],
  ] as const) {
    const config = configOf('orders', placement);
    const app = clusterOf(config, 'app');
    assert.deepEqual(at(app, 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0), {
      endpoint: { address: { socket_address: { address: host, port_value: 3000 } } },
    });
    for (const route of listAt(managerOf(config, 'inbound'), 'route_config', 'virtual_hosts', 0, 'routes')) {
      assert.equal(at(route, 'route', 'cluster'), 'app');
      assert.equal(at(route, 'route', 'retry_policy'), undefined);
    }
  }
});

test('the app is reached from elsewhere through the inbound listener only', () => {
  const addresses = configOf('orders', composePlacement()).static_resources.listeners.map((listener) => [
    listener['name'],
    at(listener, 'address', 'socket_address', 'address'),
  ]);
  assert.deepEqual(addresses, [
    ['inbound', '0.0.0.0'],
    ['outbound', '127.0.0.1'],
  ]);
});

test('replicas share the name of their service in telemetry and have a name of their own', () => {
  const placement = nativePlacement({ instance: 1, env: {}, replicas: { orders: 2 } });
  const names = podsOf(placement, 'orders').map((pod) => sidecarConfig(placement, pod).node);
  assert.deepEqual(names, [
    { id: 'orders-sidecar', cluster: 'orders-sidecar' },
    { id: 'orders-sidecar-2', cluster: 'orders-sidecar' },
  ]);
});
