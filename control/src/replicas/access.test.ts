import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { accessByToken, apiServer } from './access.ts';
import { podToken, startApiServer } from './testing/api-server.ts';

async function accessOf(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-access-'));
  const server = await startApiServer(directory);
  t.after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const access = accessByToken(server);
  const who = (token: string | undefined) =>
    access({ headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  return { server, who };
}

test('a pod is who the API server says, which is asked once for a token', async (t) => {
  const { server, who } = await accessOf(t);
  const orders = podToken('orders', 'orders-6d9f-x');
  assert.deepEqual(await who(orders), { identity: 'orders', pod: 'orders-6d9f-x' });
  assert.deepEqual(await who(orders), { identity: 'orders', pod: 'orders-6d9f-x' });
  assert.deepEqual(await who(podToken('gateway', 'gateway-a')), { identity: 'gateway', pod: 'gateway-a' });
  assert.deepEqual(server.asked, [orders, podToken('gateway', 'gateway-a')]);
});

test('who shows no token, a bad one, one for others, or is nobody here, is refused', async (t) => {
  const { server, who } = await accessOf(t);
  await assert.rejects(who(undefined), { status: 401, message: /shows the token of its pod/ });
  await assert.rejects(who('stolen'), { status: 401, message: /is none of a pod/ });
  await assert.rejects(who(podToken('default', 'debug')), {
    status: 403,
    message: 'No pod of this mesh: system:serviceaccount:shop:default',
  });
  server.says({ namespace: 'elsewhere' });
  await assert.rejects(who(podToken('orders', 'orders-a')), { status: 403, message: /elsewhere:orders/ });
  // an API server that pays no attention to the audience names none
  server.says({ audiences: [] });
  await assert.rejects(who(podToken('orders', 'orders-b')), { status: 401 });
  await server.close();
  await assert.rejects(who(podToken('orders', 'orders-c')), {
    status: 503,
    message: /^The API server does not say whose token that is: connection refused/,
  });
});

test('the API server is the one that every pod is given, unless another is named', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  assert.deepEqual(apiServer(pod), { url: 'https://10.96.0.1:443', account });
  const named = { MESH_URL_KUBERNETES: 'http://127.0.0.1:8001/', MESH_SERVICE_ACCOUNT_DIR: '/account' };
  assert.deepEqual(apiServer({ ...pod, ...named }), { url: 'http://127.0.0.1:8001', account: '/account' });
  assert.throws(() => apiServer({}), /MESH_URL_KUBERNETES must be/);
});
