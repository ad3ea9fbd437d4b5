import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgePolicy, nativePlacement } from '@microshop/topology';
import { serviceCluster } from './clusters.ts';
import { at } from './testing/inspect.ts';

test('a policy with one connection and few streams leaves few places at the callee', () => {
  const limits = { ...edgePolicy.limits, maxConnections: 1, maxStreams: 10 };
  const found = serviceCluster(nativePlacement(), 'products', 'orders', { ...edgePolicy, limits });
  const protocol = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const options = ['typed_extension_protocol_options', protocol, 'explicit_http_config'];
  assert.equal(at(found, ...options, 'http2_protocol_options', 'max_concurrent_streams'), 10);
  assert.equal(at(found, 'circuit_breakers', 'thresholds', 0, 'max_connections'), 1);
});
