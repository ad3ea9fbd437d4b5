/** One client at many times its limit, at a running gateway: it is refused, and the others notice nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueToken, makeSigningKey, type SigningKey } from '@microshop/service-kit/tokens';
import { clientRateLimits, gatewayUrl, publicKeys } from '@microshop/topology';
import { type Answer, call } from './testing/call.ts';
import { asClient, type TlsCall } from './testing/certificates.ts';
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

const ordersOf = async (
  subject: string,
  role: 'customer' | 'admin' = 'customer',
): Promise<() => Promise<Answer>> => {
  const { token } = await issueToken([key], { subject, role });
  const headers = { authorization: `Bearer ${token}` };
  return async () => await call(`${gateway}/api/orders`, { headers, tls });
};

/** Statuses of that many requests, some at a time. */
async function statuses(ask: () => Promise<Answer>, count: number): Promise<number[]> {
  const found: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (found.length < count) found.push((await ask()).status);
    }),
  );
  return found;
}

test('a user above its limit is refused; another, an admin, and who has not logged in are not', async () => {
  const { burst } = clientRateLimits.user;
  const [noisy, quiet, admin] = await Promise.all([
    ordersOf('7'),
    ordersOf('8'),
    ordersOf('operator', 'admin'),
  ]);
  const found = await statuses(noisy, 10 * burst);
  assert.ok(found.filter((status) => status === 200).length >= burst);
  assert.ok(found.includes(429), 'it is refused');
  assert.ok((await statuses(quiet, 20)).every((status) => status === 200));
  assert.ok((await statuses(admin, 3 * burst)).every((status) => status === 200));
  assert.equal((await call(`${gateway}/api/products`, { tls })).status, 200);
  // refilled meanwhile or not: it is answered as one of the two, and as a whole
  let last = await noisy();
  for (let asked = 0; last.status !== 429 && asked < 10 * burst; asked += 1) last = await noisy();
  assertProblem(last, 429, 'overloaded', '/api/orders');
  assert.equal(last.headers['retry-after'], '1');
});

test('who has not logged in is counted by its address; a user from there is not among them', async () => {
  const { burst } = clientRateLimits.address;
  const ask = async () => await call(`${gateway}/api/products`, { tls });
  assert.ok((await statuses(ask, 4 * burst)).includes(429));
  const user = await ordersOf('9');
  assert.equal((await user()).status, 200);
});
