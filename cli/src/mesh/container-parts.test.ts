import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NoAnswerError, UnknownNameError } from '@microshop/program-kit/http-json';
import { containerPlacement, isPart } from './container-parts.ts';

test('parts are where the network of the containers has them', () => {
  assert.equal(containerPlacement({ MESH_MODE: 'compose' }).gateway.admin.host, 'gateway');
});

test('only a Grafana whose name nobody knows was left out on purpose', () => {
  assert.equal(isPart({ name: 'grafana', error: new UnknownNameError('grafana') }), false);
  assert.equal(isPart({ name: 'grafana', error: new NoAnswerError('grafana', 'connection refused') }), true);
  assert.equal(isPart({ name: 'jaeger', error: new UnknownNameError('jaeger') }), true);
});
