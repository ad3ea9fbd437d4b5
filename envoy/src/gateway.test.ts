import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  composePlacement,
  edgePolicy,
  gatewayPolicy,
  nativePlacement,
  type Placement,
  services,
} from '@microshop/topology';
import { gatewayConfig } from './gateway.ts';
import { at, clusterOf, listAt, managerOf } from './testing/inspect.ts';

const native = nativePlacement({ instance: 1, env: {} });

function routesOf(placement: Placement): readonly unknown[] {
  return listAt(managerOf(gatewayConfig(placement), 'edge'), 'route_config', 'virtual_hosts', 0, 'routes');
}

test('every service has its route and its documents, each with the gateway timeout', () => {
  const routes = routesOf(native);
  for (const service of services) {
    for (const path of [service.route, `/docs/${service.name}`]) {
      const route = routes.find((candidate) => at(candidate, 'match', 'path_separated_prefix') === path);
      assert.equal(at(route, 'route', 'cluster'), service.name, path);
      assert.equal(at(route, 'route', 'timeout'), `${gatewayPolicy.timeoutMs / 1000}s`, path);
    }
  }
  assert.equal(at(routes.at(-1), 'direct_response', 'status'), 404, 'anything else is not found');
});

test('the gateway sends again only what no service has seen', () => {
  for (const route of routesOf(native).filter((candidate) => at(candidate, 'route') !== undefined)) {
    assert.equal(
      at(route, 'route', 'retry_policy', 'retry_on'),
      'connect-failure,refused-stream,reset-before-request,retriable-headers',
    );
    assert.equal(at(route, 'route', 'retry_policy', 'num_retries'), 1);
  }
});

/** Name, port, and whether it ends TLS, of each listener. */
function listenersOf(placement: Placement) {
  return gatewayConfig(placement).static_resources.listeners.map((listener) => [
    listener['name'],
    at(listener, 'address', 'socket_address', 'port_value'),
    at(listener, 'filter_chains', 0, 'transport_socket') !== undefined,
  ]);
}

test('where clients are authenticated they are answered over TLS, and redirected there; otherwise nothing changes', () => {
  assert.deepEqual(listenersOf(native), [['edge', 8080, false]]);
  assert.deepEqual(listenersOf({ ...native, edgeAuth: true }), [
    ['edge', 8443, true],
    ['plain', 8080, false],
  ]);
});

test('in containers clients are redirected to the port that is published, parts to the one inside', () => {
  const compose = composePlacement({ edgeAuth: true, env: { MESH_PORT_GATEWAY_TLS: '18443' } });
  const routes = at(managerOf(gatewayConfig(compose), 'plain'), 'route_config');
  const hosts = listAt(routes, 'virtual_hosts').map((host) => [
    at(host, 'domains'),
    at(listAt(host, 'routes').at(-1), 'redirect', 'port_redirect'),
  ]);
  assert.deepEqual(hosts, [
    [['localhost', '127.0.0.1', '[::1]'], 18_443],
    [['gateway'], 8443],
    [['*'], undefined],
  ]);
});

test('a name that stands twice in a certificate, in capitals as well, is one name', () => {
  const { gateway } = native;
  const names = ['localhost', 'LOCALHOST', 'Shop.example', '::1', '0:0:0:0:0:0:0:1'];
  const placement = { ...native, edgeAuth: true, gateway: { ...gateway, tls: { ...gateway.tls, names } } };
  const [clients] = listAt(managerOf(gatewayConfig(placement), 'plain'), 'route_config', 'virtual_hosts');
  assert.deepEqual(at(clients, 'domains'), ['localhost', 'shop.example', '[::1]']);
});

test('a cluster has an endpoint per pod, by address natively and by name in compose', () => {
  const config = gatewayConfig(nativePlacement({ instance: 2, env: {}, replicas: { orders: 2 } }));
  const endpoints = listAt(clusterOf(config, 'orders'), 'load_assignment', 'endpoints', 0, 'lb_endpoints');
  assert.deepEqual(
    endpoints.map((endpoint) => at(endpoint, 'endpoint', 'address', 'socket_address')),
    [
      { address: '127.0.1.13', port_value: 15_006 },
      { address: '127.0.1.23', port_value: 15_006 },
    ],
  );
  assert.equal(at(clusterOf(config, 'orders'), 'type'), 'STATIC');

  const compose = clusterOf(gatewayConfig(composePlacement()), 'orders');
  assert.equal(at(compose, 'cluster_type', 'name'), 'envoy.clusters.dns');
  assert.deepEqual(
    at(
      compose,
      'load_assignment',
      'endpoints',
      0,
      'lb_endpoints',
      0,
      'endpoint',
      'address',
      'socket_address',
    ),
    { address: 'orders', port_value: 15_006 },
  );
});

test('replicas are left out only where another remains, and no longer than a breaker stays open', () => {
  const config = gatewayConfig(nativePlacement({ instance: 1, env: {}, replicas: { orders: 2 } }));
  assert.equal(at(clusterOf(config, 'users'), 'outlier_detection'), undefined);
  const detection = at(clusterOf(config, 'orders'), 'outlier_detection');
  assert.equal(at(detection, 'max_ejection_percent'), 50);
  const longest = Number.parseFloat(String(at(detection, 'max_ejection_time'))) * 1000;
  assert.ok(longest <= edgePolicy.breaker.resetTimeoutMs, `${longest} ms`);
});

test('idle connections end before a service would end them', () => {
  const options = at(clusterOf(gatewayConfig(native), 'orders'), 'typed_extension_protocol_options');
  const protocol = at(options, 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions');
  assert.equal(at(protocol, 'common_http_protocol_options', 'idle_timeout'), '30s');
});
