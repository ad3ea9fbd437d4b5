/** Pages of other origins at a running gateway: those that are named may call the shop and read what it says, and no other. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { issueToken, makeSigningKey, type SigningKey } from '@microshop/service-kit/tokens';
import { clientRateLimits, gatewayUrl, publicKeys, traceIdHeader } from '@microshop/topology';
import { type Answer, type CallOptions, call } from './testing/call.ts';
import { asClient, type TlsCall } from './testing/certificates.ts';
import { logged, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Servers, type Upstream } from './testing/servers.ts';

const named = 'https://shop.example';
const alsoNamed = 'http://localhost:5173';
const placement = { ...testPlacement(), edgeAuth: true, corsOrigins: [named, alsoNamed] };
const gateway = gatewayUrl(placement);

/** What is no named origin, though it looks like one. */
const others: Readonly<Record<string, string>> = {
  'another origin': 'https://evil.example',
  'a named one as the beginning of another': 'https://shop.example.evil.example',
  'a named one as the end of another': 'https://evil-shop.example',
  'a domain below a named one': 'https://www.shop.example',
  'any character for the dot': 'https://shopxexample',
  'another scheme': 'http://shop.example',
  'another port': 'https://shop.example:8443',
  'another port of the other': 'http://localhost:51730',
  'no port of the other': 'http://localhost',
  'another spelling': 'https://SHOP.example',
  'a path': 'https://shop.example/',
  'two at once': `${named}, ${alsoNamed}`,
  'a page of no origin': 'null',
  any: '*',
};

let servers: Servers;
let tls: TlsCall;
let key: SigningKey;
const upstreams: Upstream[] = [];

before(async () => {
  servers = await createServers();
  tls = await asClient(servers.directory);
  key = await makeSigningKey(0);
  for (const pod of placement.pods) {
    const upstream = await servers.serve(
      pod.inbound,
      ({ url }, response) => {
        const body = url === publicKeys.path ? { keys: [key.public_key] } : {};
        response
          .writeHead(200, { 'content-type': 'application/json', vary: 'accept-encoding' })
          .end(JSON.stringify(body));
      },
      pod.service,
    );
    upstreams.push(upstream);
  }
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

beforeEach(() => {
  for (const { received } of upstreams) received.length = 0;
});

/** A call of a client that verifies the gateway. */
const ask = (url: string, options: CallOptions = {}) => call(url, { ...options, tls });

/** What the services got, except for requests for the keys. */
const received = () =>
  upstreams.flatMap(({ received: all }) => all.filter(({ url }) => url !== publicKeys.path));

/** The headers of the answer that a browser reads before it lets a page read the answer. */
function forPages({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
}

const varies = ({ headers }: Answer): boolean => (headers.vary ?? '').split(',').includes('origin');

const preflight = (from: string, more: Record<string, string> = {}, path = '/api/orders'): Promise<Answer> =>
  ask(gateway + path, {
    method: 'OPTIONS',
    headers: { origin: from, 'access-control-request-method': 'POST', ...more },
  });

const list = (names: unknown): string[] => String(names).split(', ');

test('a preflight of a named origin is answered without a token, at any path, and reaches no service', async () => {
  for (const from of [named, alsoNamed]) {
    for (const path of ['/api/orders', '/api/users/7', '/docs/users', '/api/nothing']) {
      const answer = await preflight(from, { 'access-control-request-headers': 'authorization' }, path);
      assert.equal(answer.status, 200, path);
      const { 'access-control-allow-origin': allowed, ...rest } = forPages(answer);
      assert.equal(allowed, from);
      const headers = list(rest['access-control-allow-headers']);
      assert.deepEqual(headers, ['authorization', 'content-type', 'idempotency-key', 'x-shop-origin']);
      assert.deepEqual(list(rest['access-control-allow-methods']), ['GET', 'HEAD', 'POST', 'PATCH']);
      assert.equal(rest['access-control-max-age'], '600');
      assert.equal(rest['access-control-allow-credentials'], undefined);
      assert.ok(varies(answer));
      assert.equal(answer.text, '');
    }
  }
  assert.deepEqual(received(), []);
  const last = await preflight(named);
  const line = await logged(servers, 'gateway', String(last.headers[traceIdHeader]));
  assert.deepEqual([line['route'], line['method']], ['preflight', 'OPTIONS']);
});

for (const [what, from] of Object.entries(others)) {
  test(`${what} is no named origin: its preflight is refused, and it may read nothing`, async () => {
    for (const [path, status, code] of [
      ['/api/orders', 405, 'method_not_allowed'],
      ['/docs/users', 405, 'method_not_allowed'],
      ['/api/orders/7/items', 401, 'unauthorized'],
    ] as const) {
      const refused = await preflight(from, {}, path);
      assertProblem(refused, status, code, path);
      assert.deepEqual(forPages(refused), {});
    }
    for (const path of ['/api/products', '/api/orders', '/api/nothing']) {
      const answer = await ask(gateway + path, { headers: { origin: from } });
      assert.deepEqual(forPages(answer), {}, path);
      assert.ok(varies(answer), path);
    }
  });
}

test('OPTIONS that is no preflight is refused as before, and so is another method', async () => {
  const asking = 'access-control-request-method';
  for (const headers of [{}, { origin: named }, { [asking]: 'POST' }, { origin: named, [asking]: '' }]) {
    const answer = await ask(`${gateway}/docs/users`, { method: 'OPTIONS', headers });
    assertProblem(answer, 405, 'method_not_allowed', '/docs/users');
  }
  const headers = { origin: named, 'access-control-request-method': 'POST' };
  const answer = await ask(`${gateway}/docs/users`, { method: 'DELETE', headers });
  assertProblem(answer, 405, 'method_not_allowed', '/docs/users');
  assert.deepEqual(received(), []);
});

const exposed = ['x-trace-id', 'location', 'link', 'retry-after', 'www-authenticate', 'allow'];

function assertReadable(answer: Answer, from: string): void {
  const { 'access-control-expose-headers': names, ...rest } = forPages(answer);
  assert.deepEqual(rest, { 'access-control-allow-origin': from });
  assert.deepEqual(list(names), exposed);
  assert.ok(varies(answer));
}

test('a page of a named origin may read what a service answers; what else varies stays', async () => {
  for (const from of [named, alsoNamed]) {
    const answer = await ask(`${gateway}/api/products`, { headers: { origin: from } });
    assert.equal(answer.status, 200);
    assertReadable(answer, from);
    assert.equal(answer.headers.vary, 'accept-encoding,origin');
  }
  assert.equal(received().length, 2);
});

test('and what the gateway answers by itself: 401, 403, 404, 405, 413, 431', async () => {
  const { token } = await issueToken([key], { subject: '7', role: 'customer' });
  const cases: readonly (readonly [
    status: number,
    code: string,
    path: string,
    headers: object,
    method?: string,
  ])[] = [
    [401, 'unauthorized', '/api/orders', {}],
    [401, 'unauthorized', '/api/orders', { authorization: 'Bearer 1234' }],
    [401, 'unauthorized', '/api/nothing', { authorization: 'Bearer 1234' }],
    [403, 'forbidden', '/api/users', { authorization: `Bearer ${token}` }],
    [404, 'not_found', '/api/nothing', {}],
    [405, 'method_not_allowed', '/docs/users', {}, 'PUT'],
    [413, 'too_large', '/api/users', { 'content-length': '1000000' }, 'POST'],
    [431, 'bad_request', '/api/products', { x: 'a'.repeat(20_000) }],
  ];
  for (const [status, code, path, headers, method = 'GET'] of cases) {
    const answer = await ask(gateway + path, { method, headers: { ...headers, origin: named } });
    assertProblem(answer, status, code, path);
    assertReadable(answer, named);
  }
  assert.deepEqual(received(), []);
});

test('and that it was too fast, with the time to wait', async () => {
  const { token } = await issueToken([key], { subject: '8', role: 'customer' });
  const once = () =>
    ask(`${gateway}/api/orders`, { headers: { authorization: `Bearer ${token}`, origin: named } });
  const answers = await Promise.all(Array.from({ length: 3 * clientRateLimits.user.burst }, once));
  const refused = answers.find(({ status }) => status === 429);
  assert.ok(refused);
  assertProblem(refused, 429, 'overloaded', '/api/orders');
  assert.equal(refused.headers['retry-after'], '1');
  assertReadable(refused, named);
});

test('a request of no page is answered as ever, as something that varies', async () => {
  const answer = await ask(`${gateway}/api/products`);
  assert.equal(answer.status, 200);
  assert.deepEqual(forPages(answer), {});
  assert.ok(varies(answer));
});
