import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativePlacement } from '@microshop/topology';
import { partsWithoutTools } from './mesh.ts';
import { checkPortsApart } from './ports.ts';

/** The parts of mesh 4, two replicas of each service, with these variables in the environment. */
function partsWith(env: NodeJS.ProcessEnv) {
  const replicas = { users: 2, products: 2, orders: 2 };
  return partsWithoutTools(nativePlacement({ instance: 4, replicas, env }));
}

test('the parts of a mesh have ports of their own', () => {
  assert.doesNotThrow(() => checkPortsApart(partsWith({})));
  assert.doesNotThrow(() => checkPortsApart(partsWith({ MESH_PORT_GATEWAY: '18080' })));
});

test('two parts that are given one port are refused, each with its variable', () => {
  assert.throws(() => checkPortsApart(partsWith({ MESH_PORT_GATEWAY: '8390' })), {
    message:
      '127.0.0.1:8390 is the port of gateway (MESH_PORT_GATEWAY) and of control (MESH_PORT_CONTROL)\n' +
      'Set one of the variables named to another port',
  });
  assert.throws(
    () => checkPortsApart(partsWith({ MESH_PORT_JAEGER: '18080', MESH_PORT_ORDERS_ADMIN: '18080' })),
    /:18080 is the port of .*MESH_PORT_JAEGER. and of .*MESH_PORT_ORDERS_ADMIN/,
  );
});
