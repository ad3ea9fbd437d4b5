import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentSettings } from './settings.ts';

const right = {
  MESH_IDENTITY: 'orders',
  POD_NAME: 'orders-6d9f-x',
  POD_IP: '10.0.0.7',
  MESH_AGENT_DIR: '/mesh/agent',
  MESH_BREAKERS_DIR: '/run/mesh-breakers',
};

test('settings come from the environment', () => {
  assert.deepEqual(agentSettings(right), {
    identity: 'orders',
    pod: 'orders-6d9f-x',
    address: '10.0.0.7',
    control: 'http://control:8090',
    envoy: 'http://127.0.0.1:15000',
    directory: '/mesh/agent',
    token: '/run/mesh-token/token',
    breakers: '/run/mesh-breakers',
    issued: undefined,
  });
  assert.equal(agentSettings({ ...right, MESH_ISSUED_DIR: '/run/issued' }).issued, '/run/issued');
  assert.equal(agentSettings({ ...right, MESH_IDENTITY: 'users' }).breakers, undefined, 'users calls nobody');
});

test('what is wrong is refused with the name of the variable', () => {
  for (const [wrong, said] of [
    [{ MESH_IDENTITY: 'nope' }, /MESH_IDENTITY/],
    [{ POD_NAME: '' }, /POD_NAME/],
    [{ POD_IP: undefined }, /POD_IP/],
    [{ MESH_URL_CONTROL: 'control:8090' }, /MESH_URL_CONTROL/],
    [{ MESH_URL_ENVOY: 'https://127.0.0.1/admin' }, /MESH_URL_ENVOY/],
    [{ MESH_AGENT_DIR: undefined }, /MESH_AGENT_DIR/],
    [{ MESH_BREAKERS_DIR: undefined }, /MESH_BREAKERS_DIR must name the directory/],
  ] as const) {
    assert.throws(() => agentSettings({ ...right, ...wrong }), said);
  }
});
