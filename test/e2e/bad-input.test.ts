/** Whatever is sent: a 4xx that names the field, as a problem, with a trace id. Never a 500. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newProduct, newUser, type ProblemAnswer, request } from '../harness/shop.ts';

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
  ['GET', '/api/products?cursor=%00', undefined, 400, /cursor/],
  ['POST', '/api/users', { ...account, email: 'nobody' }, 400, /email/],
  ['POST', '/api/users', { ...account, email: 'a\u0000@example.com' }, 400, /email/],
  ['POST', '/api/users', { ...account, password: 'short' }, 400, /password/],
  ['POST', '/api/users', { ...account, role: 'admin' }, 400, /role/],
  ['POST', '/api/users/login', { email: 'nobody@example.com', password: 'wrong one' }, 401, /./],
  ['GET', '/api/users/0', undefined, 400, /id/],
  ['GET', '/api/users/%zz', undefined, 400, /./],
  ['DELETE', '/api/users', undefined, 404, /./],
  ['GET', '/api/nothing', undefined, 404, /./],
  ['GET', '/', undefined, 404, /./],
  ['GET', '/health/ready', undefined, 404, /./],
  ['GET', '/docs/nothing', undefined, 404, /./],
];

for (const [method, path, body, status, names] of cases) {
  const shown = typeof body === 'string' ? body : JSON.stringify(body);
  test(`${method} ${path} ${(shown ?? '').slice(0, 60)} → ${status}`, async () => {
    const answer = await request<ProblemAnswer>(method, path, body);
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
  const noUser = await request('POST', '/api/orders', {
    user_id: 2_147_483_647,
    product_id: item.id,
    quantity: 1,
  });
  assert.deepEqual(
    [noUser.status, noUser.body.code, noUser.body.detail],
    [400, 'not_found', 'User not found'],
  );
  const noProduct = await request('POST', '/api/orders', {
    user_id: user.id,
    product_id: 2_147_483_647,
    quantity: 1,
  });
  assert.deepEqual(
    [noProduct.status, noProduct.body.code, noProduct.body.detail],
    [400, 'not_found', 'Product not found'],
  );
});

test('an e-mail can be taken once, whatever its case, also by ten at once', async () => {
  const { email } = await newUser();
  const bodies = Array.from({ length: 10 }, () => ({ ...account, email: email.toUpperCase() }));
  const taken = await Promise.all(bodies.map((body) => request('POST', '/api/users', body)));
  assert.ok(taken.every((answer) => answer.status === 409 && /email/.test(answer.body.detail)));
  const fresh = `race-${Date.now()}@example.com`;
  const race = await Promise.all(
    bodies.map((body) => request('POST', '/api/users', { ...body, email: fresh })),
  );
  assert.deepEqual(race.map((answer) => answer.status).sort(), [201, ...Array(9).fill(409)]);
});

test('lists go through every page once, and accept a trailing slash', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => newProduct(1)));
  const seen: number[] = [];
  let path: string | undefined = '/api/products/?limit=2';
  while (path !== undefined) {
    const answer: Awaited<ReturnType<typeof request<{ id: number }[]>>> = await request('GET', path);
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
