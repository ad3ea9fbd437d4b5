/** Whatever is sent: a 4xx that names the field, as a problem, with a trace id. Never a 500. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import { inTime, newProduct, newUser, type ProblemAnswer, request } from '../harness/shop.ts';

const order = { user_id: 1, product_id: 1, quantity: 1 };
const product = { name: 'A', price: 1, stock: 1 };
const account = { email: 'bad-input@example.com', name: 'A', password: 'long enough' };

/** Method, path, body, status, what the detail must name. */
const cases: readonly [string, string, unknown, number, RegExp][] = [
  ['POST', '/api/orders', {}, 400, /user_id/],
  ['POST', '/api/orders', { user_id: 1 }, 400, /items/],
  ['POST', '/api/orders', { user_id: 1, product_id: 1 }, 400, /quantity/],
  ['POST', '/api/orders', { user_id: 1, items: [] }, 400, /items/],
  ['POST', '/api/orders', { user_id: 1, items: 'all' }, 400, /items/],
  ['POST', '/api/orders', { user_id: 1, items: [{ product_id: 1 }] }, 400, /items\[0\]\.quantity/],
  ['POST', '/api/orders', { ...order, items: [{ product_id: 1, quantity: 1 }] }, 400, /product_id/],
  [
    'POST',
    '/api/orders',
    { user_id: 1, items: Array(101).fill({ product_id: 1, quantity: 1 }) },
    400,
    /items/,
  ],
  [
    'POST',
    '/api/orders',
    { user_id: 1, items: Array(2).fill({ product_id: 1, quantity: 6000 }) },
    400,
    /items/,
  ],
  ['POST', '/api/orders', { ...order, user_id: '1' }, 400, /user_id/],
  ['POST', '/api/orders', { ...order, user_id: null }, 400, /user_id/],
  ['POST', '/api/orders', { ...order, user_id: 0 }, 400, /user_id/],
  ['POST', '/api/orders', { ...order, user_id: 1e300 }, 400, /user_id/],
  ['POST', '/api/orders', { ...order, quantity: -1 }, 400, /quantity/],
  ['POST', '/api/orders', { ...order, quantity: 0 }, 400, /quantity/],
  ['POST', '/api/orders', { ...order, quantity: 1.5 }, 400, /quantity/],
  ['POST', '/api/orders', { ...order, quantity: 10_001 }, 400, /quantity/],
  ['POST', '/api/orders', { ...order, discount: 100 }, 400, /discount/],
  ['POST', '/api/orders', '{"user_id": 1', 400, /JSON/i],
  ['POST', '/api/orders', 'null', 400, /body/],
  ['POST', '/api/orders', '', 400, /[Bb]ody/],
  ['POST', '/api/orders', `{"user_id":${'9'.repeat(400)}}`, 400, /user_id/],
  ['POST', '/api/orders', { ...order, note: 'x'.repeat(300 * 1024) }, 413, /./],
  ['GET', '/api/orders?status=LOST', undefined, 400, /status/],
  ['GET', '/api/orders?user_id=abc', undefined, 400, /user_id/],
  ['GET', '/api/orders?cursor=bad', undefined, 400, /cursor/],
  ['GET', '/api/orders?limit=0', undefined, 400, /limit/],
  ['GET', '/api/orders?limit=101', undefined, 400, /limit/],
  ['GET', '/api/orders/abc', undefined, 400, /id/],
  ['GET', '/api/orders/-1', undefined, 400, /id/],
  ['GET', '/api/orders/0x1', undefined, 400, /path\.id/],
  ['GET', '/api/users/1e0', undefined, 400, /path\.id/],
  ['GET', '/api/products/%2B1', undefined, 400, /path\.id/],
  ['GET', '/api/products/1.0', undefined, 400, /path\.id/],
  ['PATCH', '/api/products/%201', { name: 'B' }, 400, /path\.id/],
  ['POST', '/api/products/0b1/stock', { delta: 1, reason: 'x' }, 400, /path\.id/],
  ['GET', '/api/orders?user_id=0x1', undefined, 400, /query\.user_id/],
  ['GET', '/api/orders?limit=1e0', undefined, 400, /query\.limit/],
  ['GET', '/api/users?limit=%2B1', undefined, 400, /query\.limit/],
  ['GET', '/api/products?ids=0x1', undefined, 400, /query\.ids/],
  ['GET', '/api/products?ids=1,%2B2', undefined, 400, /query\.ids/],
  ['GET', `/api/orders?cursor=${Buffer.from('after:0x1').toString('base64url')}`, undefined, 400, /cursor/],
  ['POST', '/api/orders', '{"user_id":1e0,"product_id":1,"quantity":1}', 400, /body\.user_id/],
  ['POST', '/api/orders', '{"user_id":1,"product_id":1.0,"quantity":1}', 400, /body\.product_id/],
  [
    'POST',
    '/api/orders',
    '{"user_id":1,"items":[{"product_id":1E0,"quantity":1}]}',
    400,
    /items\[0\]\.product_id/,
  ],
  ['POST', '/api/orders', '{"user_id":0x1,"product_id":1,"quantity":1}', 400, /JSON/i],
  ['POST', '/api/orders', '{"user_id":+1,"product_id":1,"quantity":1}', 400, /JSON/i],
  ['GET', '/api/orders/2147483648', undefined, 400, /id/],
  ['GET', '/api/orders/2147483647', undefined, 404, /2147483647/],
  ['POST', '/api/products', { ...product, price: '1' }, 400, /price/],
  ['POST', '/api/products', { ...product, price: 1.005 }, 400, /price/],
  ['POST', '/api/products', { ...product, price: -1 }, 400, /price/],
  ['POST', '/api/products', { ...product, stock: -1 }, 400, /stock/],
  ['POST', '/api/products', { ...product, stock: 2 ** 31 }, 400, /stock/],
  ['POST', '/api/products', { ...product, name: '' }, 400, /name/],
  ['POST', '/api/products', { ...product, name: 'a\u0000b' }, 400, /name/],
  ['POST', '/api/products', { ...product, color: 'red' }, 400, /color/],
  ['PATCH', '/api/products/1', {}, 400, /body/],
  ['PATCH', '/api/products/1', { stock: 5 }, 400, /stock/],
  ['PATCH', '/api/products/2147483647', { name: 'B' }, 404, /2147483647/],
  ['POST', '/api/products/1/stock', { delta: 1 }, 400, /reason/],
  ['POST', '/api/products/1/stock', { delta: 1.5, reason: 'x' }, 400, /delta/],
  ['GET', '/api/products?ids=', undefined, 400, /ids/],
  ['GET', '/api/products?ids=1,,2', undefined, 400, /ids/],
  ['GET', '/api/products?ids=1;drop', undefined, 400, /ids/],
  ['GET', '/api/products?ids=9999999999', undefined, 400, /ids/],
  ['GET', '/api/products?ids=0', undefined, 400, /query\.ids must be ids from 1 to/],
  ['GET', '/api/products?ids=1,99999999999999999999', undefined, 400, /query\.ids must be ids from 1 to/],
  ['GET', '/api/products?ids=1&ids=2', undefined, 400, /query\.ids is given twice/],
  ['GET', '/api/products/2147483647', undefined, 404, /GET \/api\/products lists the products/],
  ['GET', '/api/users?limit=1&limit=2', undefined, 400, /query\.limit is given twice/],
  ['GET', '/api/orders?user_id=1&user_id=1', undefined, 400, /query\.user_id is given twice/],
  ['GET', '/api/orders?status=PENDING&status=PENDING', undefined, 400, /query\.status is given twice/],
  ['GET', '/api/products?cursor=%00', undefined, 400, /cursor/],
  ['POST', '/api/users', { ...account, email: 'nobody' }, 400, /email/],
  ['POST', '/api/users', { ...account, email: 'a\u0000@example.com' }, 400, /email/],
  ['POST', '/api/users', { ...account, password: 'short' }, 400, /password/],
  ['POST', '/api/users', { ...account, role: 'admin' }, 400, /role/],
  ['POST', '/api/users/login', { email: 'nobody@example.com', password: 'wrong one' }, 401, /./],
  ['GET', '/api/users/0', undefined, 400, /id/],
  ['GET', '/api/users/%zz', undefined, 400, /./],
  ['DELETE', '/api/users', undefined, 405, /^DELETE is not allowed here, only GET, HEAD, POST$/],
  ['PATCH', '/api/users/1', { role: 'admin' }, 405, /^PATCH is not allowed here, only GET, HEAD$/],
  ['GET', '/api/users/login', undefined, 405, /only POST$/],
  ['PATCH', '/api/products', { name: 'B' }, 405, /only GET, HEAD, POST$/],
  ['PUT', '/api/orders/1', undefined, 405, /only GET, HEAD$/],
  ['POST', '/docs/orders', undefined, 405, /only GET, HEAD$/],
  ['DELETE', '/api/nothing', undefined, 405, /only GET, HEAD, POST, PATCH$/],
  ['GET', '/api/nothing', undefined, 404, /./],
  ['GET', '/', undefined, 404, /^There is no GET \/; .* \/docs\/orders/],
  ['GET', '/docs/?a', undefined, 404, /^There is no GET \/docs\/; .* \/docs\/orders/],
  ['GET', '/health/ready', undefined, 404, /./],
  ['GET', '/docs/nothing', undefined, 404, /./],
];

for (const [method, path, body, status, names] of cases) {
  const shown = typeof body === 'string' ? body : JSON.stringify(body);
  test(`${method} ${path} ${(shown ?? '').slice(0, 60)} → ${status}`, async () => {
    const answer = await inTime(() => request<ProblemAnswer>(method, path, body));
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const { type, title, detail, instance, code, trace_id: traceId } = answer.body;
    assert.ok(
      [type, title, detail, instance, code].every((member) => typeof member === 'string' && member !== ''),
    );
    assert.equal(answer.body.status, status);
    assert.match(detail, names);
    assert.match(answer.traceId, /^[0-9a-f]{32}$/);
    assert.equal(traceId, answer.traceId);
  });
}

test('another media type is refused', async () => {
  const answer = await request('POST', '/api/orders', '<order/>', { 'content-type': 'application/xml' });
  assert.deepEqual([answer.status, answer.body.code], [415, 'unsupported_media_type']);
});

test('parts of an order that do not exist are told apart', async () => {
  const [user, item] = await Promise.all([newUser(), newProduct(1)]);
  const order = { user_id: user.id, product_id: item.id, quantity: 1 };
  const noUser = await inTime(() => request('POST', '/api/orders', { ...order, user_id: 2_147_483_647 }));
  assert.deepEqual(
    [noUser.status, noUser.body.code, noUser.body.detail],
    [400, 'not_found', 'User not found'],
  );
  const noProduct = await inTime(() =>
    request('POST', '/api/orders', { ...order, product_id: 2_147_483_647 }),
  );
  assert.deepEqual(
    [noProduct.status, noProduct.body.code, noProduct.body.detail],
    [400, 'not_found', 'Product not found'],
  );
});

test('an e-mail can be taken once, whatever its case, also by ten at once', async () => {
  const { email } = await newUser();
  const bodies = Array.from({ length: 10 }, () => ({ ...account, email: email.toUpperCase() }));
  const atOnce = (change: object) =>
    Promise.all(bodies.map((body) => inTime(() => request('POST', '/api/users', { ...body, ...change }))));
  const taken = await atOnce({});
  assert.ok(taken.every((answer) => answer.status === 409 && /email/.test(answer.body.detail)));
  const fresh = `race-${Date.now()}@example.com`;
  const made = (await atOnce({ email: fresh })).filter(({ status }) => status !== 409);
  // the one that was first may have been answered too late, and was then told that it is taken
  assert.ok(made.length <= 1 && made.every(({ status }) => status === 201), JSON.stringify(made));
  const rows = await mesh.sql('users_db', 'select email from users where email = $1', [fresh]);
  assert.deepEqual(rows, [{ email: fresh }]);
});

test('lists go through every page once, and accept a trailing slash', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => newProduct(1)));
  const seen: number[] = [];
  let path: string | undefined = '/api/products/?limit=2';
  while (path !== undefined) {
    const page: string = path;
    const answer = await inTime(() => request<{ id: number }[]>('GET', page));
    assert.equal(answer.status, 200);
    seen.push(...answer.body.map((one) => one.id));
    path = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  assert.ok(made.every((one) => seen.includes(one.id)));
});

/** Bodies with half of a character in one of their texts, and the field that is named. */
const halves: readonly [string, string, string, string][] = [
  [
    'POST',
    '/api/users',
    '{"email":"a\\ud800@example.com","name":"A","password":"long enough"}',
    'body.email',
  ],
  [
    'POST',
    '/api/users',
    '{"email":"half@example.com","name":"A\\udfff","password":"long enough"}',
    'body.name',
  ],
  [
    'POST',
    '/api/users',
    '{"email":"half@example.com","name":"A","password":"long enough\\ud800"}',
    'body.password',
  ],
  ['POST', '/api/users/login', '{"email":"half\\ud800","password":"long enough"}', 'body.email'],
  [
    'POST',
    '/api/users/login',
    '{"email":"half@example.com","password":"long enough\\udc00"}',
    'body.password',
  ],
  ['POST', '/api/products', '{"name":"x\\ud800y","price":1,"stock":1}', 'body.name'],
  ['POST', '/api/products', '{"name":"x","description":"\\ud800","price":1,"stock":1}', 'body.description'],
  ['PATCH', '/api/products/1', '{"name":"\\ud800"}', 'body.name'],
  ['PATCH', '/api/products/1', '{"description":"\\udc00\\ud800"}', 'body.description'],
  ['POST', '/api/products/1/stock', '{"delta":1,"reason":"x\\ud800"}', 'body.reason'],
];

for (const [method, path, body, field] of halves) {
  test(`half of a character: ${method} ${path} → 400 naming ${field}`, async () => {
    const answer = await inTime(() => request(method, path, body));
    assert.deepEqual([answer.status, answer.body.code], [400, 'bad_request']);
    assert.ok(answer.body.detail.startsWith(`${field} `), answer.body.detail);
  });

  test(`bytes that are not UTF-8: ${method} ${path} → 400 naming ${field}`, async () => {
    const bytes = Buffer.from(body.replaceAll(/\\u[a-f0-9]{4}/g, '\xe9'), 'latin1');
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new URL(path, mesh.gateway), { method, headers, body: bytes });
    const answer: ProblemAnswer = JSON.parse(await response.text());
    assert.deepEqual([response.status, answer.code], [400, 'bad_request']);
    assert.ok(answer.detail.startsWith(`${field} `), answer.detail);
  });
}

test('two passwords never become one', async () => {
  const long = 'x'.repeat(255);
  for (const [password, other] of [
    ['secret\u0000one', 'secret\u0000two'],
    ['secret\u0000one', 'secret'],
    ['secre\u0301t-', 'secr\u00e9t-'],
    [`${long}a`, `${long}b`],
    [' secret1', 'secret1'],
    ['secret1\u00e9', 'secret1\ufffd'],
  ] as const) {
    const email = `${randomUUID()}@example.com`;
    const created = await request('POST', '/api/users', { email, name: 'A', password });
    const login = (tried: string) =>
      inTime(() => request('POST', '/api/users/login', { email, password: tried }));
    const [right, wrong] = [await login(password), await login(other)];
    assert.deepEqual([created.status, right.status, wrong.status], [201, 200, 401], JSON.stringify(password));
  }
});

test('a body that is encoded is refused', async () => {
  for (const encoding of ['gzip', 'br', 'x', 'identity, gzip']) {
    const answer = await inTime(() =>
      request('POST', '/api/orders', order, { 'content-encoding': encoding }),
    );
    assert.deepEqual([answer.status, answer.body.code], [415, 'unsupported_media_type'], encoding);
    assert.match(answer.body.detail, /header\.content-encoding/);
  }
});

/** Sends an order with these lines as they are; status and detail. */
async function orderWithKeys(...keys: Buffer[]): Promise<{ status: number; detail: string }> {
  const body = JSON.stringify(order);
  const { hostname, port } = new URL(mesh.gateway);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /api/orders HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n`,
  );
  for (const key of keys)
    socket.write(Buffer.concat([Buffer.from('idempotency-key: '), key, Buffer.from('\r\n')]));
  socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: Number(text.split(' ')[1]), detail: /"detail":"([^"]*)"/.exec(text)?.[1] ?? text };
}

test('a key in two lines, or in bytes that are no text, is refused', async () => {
  for (const keys of [['a', 'b'], ['a', 'a'], ['cl\xe9']]) {
    const { status, detail } = await orderWithKeys(...keys.map((key) => Buffer.from(key, 'latin1')));
    assert.equal(status, 400, detail);
    assert.match(detail, /^header\.idempotency-key /);
  }
});
