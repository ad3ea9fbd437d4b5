/** Who may do what at a running gateway: every caller, every operation; key rotation, and users that is unavailable. */
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { issueToken, makeSigningKey, type SigningKey } from '@microshop/service-kit/tokens';
import {
  type Access,
  callerHeader,
  gatewayUrl,
  type Operation,
  operations,
  publicKeys,
  type ServiceName,
  services,
  subjectHeaders,
  tokens,
} from '@microshop/topology';
import { type Answer, call } from './testing/call.ts';
import { asClient, type TlsCall } from './testing/certificates.ts';
import { logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, patienceMs, type Servers, type Upstream } from './testing/servers.ts';

const placement = { ...testPlacement(), edgeAuth: true };
const gateway = gatewayUrl(placement);

let servers: Servers;
let tls: TlsCall;
let published: SigningKey[] = [];
let usersAnswers = true;
const upstreams = new Map<ServiceName, Upstream>();

// Plain servers stand where the inbound listeners would: the gateway is looked at alone.
before(async () => {
  servers = await createServers();
  tls = await asClient(servers.directory);
  published = [await makeSigningKey(0)];
  for (const pod of placement.pods) {
    const upstream = await servers.serve(
      pod.inbound,
      ({ url }, response) => {
        const away = pod.service === 'users' && !usersAnswers;
        const body = url === publicKeys.path ? { keys: published.map(({ public_key: key }) => key) } : {};
        response
          .writeHead(away ? 503 : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(body));
      },
      pod.service,
    );
    upstreams.set(pod.service, upstream);
  }
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

beforeEach(() => {
  for (const { received } of upstreams.values()) received.length = 0;
});

/** What a service got of clients. */
function receivedBy(service: ServiceName) {
  return (
    upstreams.get(service)?.received.filter(({ headers }) => headers['traceparent'] !== unrecorded) ?? []
  );
}

const unrecorded = `00-${'1'.padStart(32, '0')}-${'1'.padStart(16, '0')}-00`;

async function tokenOf(subject: string, role: 'customer' | 'admin', now?: number): Promise<string> {
  return (await issueToken(published, { subject, role }, now)).token;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with those parts, signed by that. */
function forged(header: object, claims: object, signature: (text: string) => string): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signature(text)}`;
}

const { privateKey: strange } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const by =
  (key: KeyObject) =>
  (text: string): string =>
    sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

const byStranger = by(strange);

/** Signs as users does. */
function byOurs(text: string): string {
  const [own] = published;
  const jwk = { ...own?.public_key, d: String(own?.private_part) };
  return by(createPrivateKey({ key: jwk, format: 'jwk' }))(text);
}

function claims(change: object = {}): object {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return { iss: tokens.issuer, sub: '1', [tokens.roleClaim]: 'admin', exp, ...change };
}

/** What each caller shows. */
const callers: Readonly<Record<string, () => Promise<string | undefined>>> = {
  nobody: async () => undefined,
  'not a token': async () => 'Bearer 1234',
  'a signature of another key under the name of ours': async () =>
    `Bearer ${forged({ alg: 'ES256', kid: published[0]?.public_key.kid }, claims(), byStranger)}`,
  'a key that is not published': async () =>
    `Bearer ${forged({ alg: 'ES256', kid: 'mine' }, claims(), byStranger)}`,
  'claims that were changed': async () => {
    const [header, , signature] = (await tokenOf('1', 'customer')).split('.');
    return `Bearer ${header}.${part(claims())}.${signature}`;
  },
  'a token that has ended': async () => {
    const past = Date.now() - (tokens.lifetimeSeconds + 2 * tokens.clockSkewSeconds) * 1000;
    return `Bearer ${await tokenOf('1', 'admin', past)}`;
  },
  'another issuer': async () =>
    `Bearer ${forged({ alg: 'ES256', kid: published[0]?.public_key.kid }, claims({ iss: 'https://elsewhere' }), byOurs)}`,
  'no end': async () =>
    `Bearer ${forged({ alg: 'ES256', kid: published[0]?.public_key.kid }, claims({ exp: undefined }), byOurs)}`,
  'no signature': async () => `Bearer ${forged({ alg: 'none' }, claims(), () => '')}`,
  'the public key as a secret': async () => {
    const secret = JSON.stringify(published[0]?.public_key);
    const mac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
    return `Bearer ${forged({ alg: 'HS256', kid: published[0]?.public_key.kid }, claims(), mac)}`;
  },
  'a customer': async () => `Bearer ${await tokenOf('7', 'customer')}`,
  'an admin': async () => `Bearer ${await tokenOf('operator', 'admin')}`,
};

const known: Readonly<Record<string, readonly [user: string, role: string]>> = {
  'a customer': ['7', 'customer'],
  'an admin': ['operator', 'admin'],
};

/** The status that the topology means. */
function wanted(caller: string, access: Access): number {
  if (caller === 'an admin') return 200;
  if (caller === 'a customer') return access === 'admin' ? 403 : 200;
  return caller === 'nobody' && access === 'everybody' ? 200 : 401;
}

/** Sends it with headers that pretend to be somebody. */
async function send(
  { method, path }: Pick<Operation, 'path'> & { method: string },
  authorization?: string,
): Promise<Answer> {
  const pretended = { [subjectHeaders.user]: '1', [subjectHeaders.role]: 'admin', x_mesh_role: 'admin' };
  return await call(gateway + path.replace('{id}', '7'), {
    method,
    headers: { ...pretended, ...(authorization === undefined ? {} : { authorization }) },
    tls,
  });
}

const problemOf: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden' };

for (const [caller, shows] of Object.entries(callers)) {
  test(`${caller}: every operation is answered as the topology says`, async () => {
    const authorization = await shows();
    for (const operation of operations) {
      const { name, service, path, access } = operation;
      const before = receivedBy(service).length;
      const answer = await send(operation, authorization);
      const status = wanted(caller, access);
      assert.equal(answer.status, status, `${name}: ${answer.text}`);
      const [got, ...more] = receivedBy(service).slice(before);
      const challenge = answer.headers['www-authenticate'];
      if (status !== 200) {
        assert.equal(got, undefined, `${name} reaches nobody`);
        assertProblem(answer, status, problemOf[status] ?? '', path.replace('{id}', '7'));
        const wrong = authorization === undefined ? '' : ', error="invalid_token"';
        assert.equal(challenge, status === 401 ? `Bearer realm="microshop"${wrong}` : undefined, name);
        continue;
      }
      assert.deepEqual([got?.method, more], [operation.method, []]);
      const [user, role] = known[caller] ?? [];
      assert.equal(got?.headers[subjectHeaders.user], user, name);
      assert.equal(got?.headers[subjectHeaders.role], role, name);
      assert.equal(got?.headers['authorization'], undefined, `${name} shows the token to nobody`);
    }
  });
}

test('what the topology does not name is for admins; what is no service’s is not asked for', async () => {
  const [customer, admin] = [await callers['a customer']?.(), await callers['an admin']?.()];
  for (const [method, path] of [
    ['PATCH', '/api/orders/7/items'],
    ['POST', '/api/products/7/pictures'],
    ['GET', '/api/users/7/orders'],
  ] as const) {
    assert.equal((await send({ method, path })).status, 401, path);
    assert.equal((await send({ method, path }, customer)).status, 403, path);
    assert.equal((await send({ method, path }, admin)).status, 200, path);
  }
  assert.equal((await send({ method: 'GET', path: '/docs/users' })).status, 200);
  assert.equal((await send({ method: 'GET', path: '/api/nothing' })).status, 404);
  assert.equal((await send({ method: 'DELETE', path: '/api/orders/7/items' }, admin)).status, 405);
});

test('a method that a path does not take is refused as such, whoever asks; an invalid token is refused there, too', async () => {
  for (const [method, path, allow] of [
    ['PATCH', '/api/products', 'GET, HEAD, POST'],
    ['DELETE', '/api/orders/7', 'GET, HEAD'],
    ['PATCH', '/api/users/login', 'POST'],
    ['POST', '/api/users/keys', 'GET, HEAD'],
    ['POST', '/docs/users', 'GET, HEAD'],
  ] as const) {
    for (const caller of ['nobody', 'a customer', 'an admin']) {
      const answer = await send({ method, path }, await callers[caller]?.());
      assertProblem(answer, 405, 'method_not_allowed', path);
      assert.equal(answer.headers.allow, allow, `${method} ${path}`);
    }
    assertProblem(await send({ method, path }, 'Bearer 1234'), 401, 'unauthorized', path);
  }
  for (const { name } of services) assert.deepEqual(receivedBy(name), []);
});

test('a path is cleaned before its rule is looked for; HEAD is as GET, and a trailing slash as none', async () => {
  for (const [method, path, status] of [
    ['GET', '/api/products/../users', 401],
    ['GET', '//api///users', 401],
    ['GET', '/api/products/', 200],
    ['HEAD', '/api/products/7', 200],
    ['HEAD', '/api/users', 401],
    ['GET', '/api/users?x=/api/products', 401],
    ['POST', '/api/users/%6Cogin', 200],
  ] as const) {
    assert.equal((await send({ method, path })).status, status, path);
  }
});

test('a token counts in its header only, and stands in no log', async () => {
  const token = await tokenOf('7', 'customer');
  assert.equal((await send({ method: 'GET', path: `/api/orders?access_token=${token}` })).status, 401);
  const answer = await send({ method: 'GET', path: '/api/orders' }, `Bearer ${token}`);
  await logged(servers, 'gateway', String(answer.headers['x-trace-id']));
  assert.ok(!(await servers.output('gateway')).includes(token.slice(0, 40)));
});

test('the scheme of a token is written in any case; another scheme is none', async () => {
  const token = await tokenOf('7', 'customer');
  const orders = { method: 'GET', path: '/api/orders' };
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal((await send(orders, `${scheme} ${token}`)).status, 200, scheme);
    assert.equal(
      (await send({ method: 'GET', path: '/api/products' }, `${scheme} 1234`)).status,
      401,
      scheme,
    );
  }
  assert.equal((await send(orders, `Basic ${token}`)).status, 401);
});

/** A counter of the gateway's filter. */
async function counted(name: string): Promise<number> {
  const stats = await (await fetch(`${origin(placement.gateway.admin)}/stats?filter=${name}`)).text();
  return Number(new RegExp(`${name}: (\\d+)`).exec(stats)?.[1] ?? 0);
}

test('refusals are counted', async () => {
  const names = ['jwt_authn.denied', 'rbac.clients.denied', 'rbac.clients.allowed'] as const;
  const before = await Promise.all(names.map(counted));
  await send({ method: 'GET', path: '/api/orders' });
  await send({ method: 'GET', path: '/api/users' }, await callers['a customer']?.());
  await send({ method: 'GET', path: '/api/products' });
  const now = await Promise.all(names.map(counted));
  assert.deepEqual(
    now.map((count, index) => count - (before[index] ?? 0)),
    [1, 1, 1],
  );
});

test('a token is verified once; it ends in time all the same', async () => {
  const order = { method: 'GET', path: '/api/orders' };
  const secondsLeft = 6;
  const exp = Math.floor(Date.now() / 1000) - tokens.clockSkewSeconds + secondsLeft;
  const header = { alg: 'ES256', kid: published[0]?.public_key.kid };
  const ending = `Bearer ${forged(header, claims({ exp }), byOurs)}`;
  const before = await counted('jwt_cache_hit');
  assert.equal((await send(order, ending)).status, 200);
  assert.equal((await send(order, ending)).status, 200);
  assert.equal(await counted('jwt_cache_hit'), before + 1);
  await eventually('it has ended', async () => (await send(order, ending)).status === 401, patienceMs);
});

test('keys are asked for as the gateway, in no trace; a new key is known in time', async () => {
  const next = await makeSigningKey(1);
  const { token } = await issueToken([next], { subject: '7', role: 'customer' });
  const order = { method: 'GET', path: '/api/orders' };
  assert.equal((await send(order, `Bearer ${token}`)).status, 401);
  const old = await callers['a customer']?.();
  const [first] = published;
  assert.ok(first);
  published = [first, next];
  await eventually(
    'the new key is known',
    async () => (await send(order, `Bearer ${token}`)).status === 200,
    patienceMs,
  );
  assert.equal((await send(order, old)).status, 200, 'so is the one before');
  const asked = upstreams.get('users')?.received.find(({ url }) => url === publicKeys.path);
  assert.equal(asked?.headers[callerHeader], 'gateway');
  assert.equal(asked?.headers['traceparent'], unrecorded);
});

test('tokens stay valid while users does not answer', async () => {
  const customer = await callers['a customer']?.();
  usersAnswers = false;
  try {
    const before = await counted('jwks_fetch_failed');
    await eventually(
      'keys were asked for',
      async () => (await counted('jwks_fetch_failed')) > before,
      patienceMs,
    );
    assert.equal((await send({ method: 'GET', path: '/api/orders' }, customer)).status, 200);
  } finally {
    usersAnswers = true;
  }
});
