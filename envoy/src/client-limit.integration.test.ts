/** One client at many times its limit, at a running gateway: it is refused, and the others notice nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueToken, makeSigningKey, type SigningKey } from '@microshop/service-kit/tokens';
import { clientRateLimits, gatewayUrl, publicKeys } from '@microshop/topology';
import { call } from './testing/call.ts';
import { asClient, type TlsCall } from './testing/certificates.ts';
import { askAtOnce } from './testing/http2.ts';
import { startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Servers } from './testing/servers.ts';

const placement = { ...testPlacement(), edgeAuth: true };
const gateway = gatewayUrl(placement);
let servers: Servers;
let tls: TlsCall;
let key: SigningKey;

before(async () => {
  servers = await createServers();
  tls = await asClient(servers.directory);
  key = await makeSigningKey(0);
  for (const pod of placement.pods) {
    await servers.serve(
      pod.inbound,
      ({ url }, response) => {
        const body = url === publicKeys.path ? { keys: [key.public_key] } : {};
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      pod.service,
    );
  }
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

const bearerOf = async (subject: string, role: 'customer' | 'admin' = 'customer') => {
  const { token } = await issueToken([key], { subject, role });
  return { authorization: `Bearer ${token}` };
};

const atOnce = (path: string, count: number, headers: Readonly<Record<string, string>> = {}) =>
  askAtOnce(gateway, tls, count, path, headers);

test('a user above its limit is refused; another, an admin, and who has not logged in are not', async () => {
  const { burst } = clientRateLimits.user;
  const [noisy, quiet, admin] = await Promise.all([
    bearerOf('7'),
    bearerOf('8'),
    bearerOf('operator', 'admin'),
  ]);
  const found = await atOnce('/api/orders', 10 * burst, noisy);
  assert.ok(found.filter(({ status }) => status === 200).length >= burst);
  assert.ok((await atOnce('/api/orders', 20, quiet)).every(({ status }) => status === 200));
  assert.ok((await atOnce('/api/orders', 3 * burst, admin)).every(({ status }) => status === 200));
  assert.equal((await call(`${gateway}/api/products`, { tls })).status, 200);
  const refused = found.find(({ status }) => status === 429);
  assert.ok(refused, 'it is refused');
  assertProblem(refused, 429, 'overloaded', '/api/orders');
  assert.equal(refused.headers['retry-after'], '1');
});

test('logins and new accounts of an address are few, whoever asks; an admin, another address and all else are not held to it', async () => {
  const { burst, perSecond } = clientRateLimits.passwords;
  const [user, admin] = await Promise.all([bearerOf('10'), bearerOf('operator', 'admin')]);
  const post = { ':method': 'POST' };
  const began = performance.now();
  const found = [
    ...(await atOnce('/api/users/login', 2 * burst, post)),
    ...(await atOnce('//api/users/?a=b', 2 * burst, post)),
    ...(await atOnce('/api/users/%6Cogin', 2 * burst, { ...post, ...user })),
  ];
  const seconds = (performance.now() - began) / 1000;
  const letIn = found.filter(({ status }) => status === 200).length;
  assert.ok(letIn >= burst && letIn <= burst + perSecond * (seconds + 1), `${letIn} in ${seconds} s`);
  const refused = found.find(({ status }) => status !== 200);
  assert.ok(refused);
  assertProblem(refused, 429, 'overloaded', '/api/users/login');

  const allIn = (answers: readonly { readonly status: number }[]) =>
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  allIn(await atOnce('/api/users/login', 2 * burst, { ...post, ...admin }));
  const elsewhere = { ...tls, localAddress: '127.0.0.77' };
  allIn(await askAtOnce(gateway, elsewhere, burst / 2, '/api/users/login', post));
  allIn(await atOnce('/api/products', burst));
  allIn(await atOnce('/api/orders', burst / 2, { ...post, ...user }));
});

test('who has not logged in is counted by its address; a user from there is not among them', async () => {
  const { burst } = clientRateLimits.address;
  const answers = await atOnce('/api/products', 4 * burst);
  assert.ok(answers.some(({ status }) => status === 429));
  const headers = await bearerOf('9');
  assert.equal((await call(`${gateway}/api/orders`, { headers, tls })).status, 200);
  const [other] = await askAtOnce(gateway, { ...tls, localAddress: '127.0.0.78' }, 1, '/api/products');
  assert.equal(other?.status, 200, 'nor is its neighbour');
});
