/** The cache is believed nothing: whatever stands in Redis, and whatever Redis refuses, prices are the database's. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import type { Redis } from 'ioredis';
import { mesh } from '../harness/mesh.ts';
import { openRedis } from '../harness/redis.ts';
import { endOf, newProduct, newUser, type ProductAnswer, placeOrder, request } from '../harness/shop.ts';

let redis: Redis;
let userId: number;

before(async () => {
  redis = await openRedis();
  userId = (await newUser()).id;
});
after(() => redis.disconnect());

const entryKey = (id: number) => `catalogue:entry:${id}`;

/** A product whose entry is in the cache. */
async function cachedProduct(price = 9.99): Promise<ProductAnswer> {
  const product = await newProduct(100, price);
  await request('GET', `/api/products/${product.id}`);
  await eventuallyDespiteErrors('the entry is in the cache', async () =>
    (await redis.exists(entryKey(product.id))) === 1 ? true : undefined,
  );
  return product;
}

/** Every way to see a product shows it so, and an order is charged so. */
async function assertShown(product: ProductAnswer): Promise<void> {
  const { id } = product;
  const one = await request<ProductAnswer>('GET', `/api/products/${id}`);
  const [byIds] = (await request<ProductAnswer[]>('GET', `/api/products?ids=${id}`)).body;
  const cursor = Buffer.from(`after:${id - 1}`).toString('base64url');
  const [listed] = (await request<ProductAnswer[]>('GET', `/api/products?limit=1&cursor=${cursor}`)).body;
  for (const seen of [one.body, byIds, listed]) assert.deepEqual(seen, product);
  const { status, body } = await placeOrder({ user_id: userId, product_id: id, quantity: 2 });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual([body.items[0]?.price, body.total_price], [product.price, product.price * 2]);
  await endOf(body.id);
}

/** What stands in Redis in place of an entry; `entry` is the true one, as text. */
const foreign: Readonly<
  Record<string, (key: string, entry: string, other: ProductAnswer) => Promise<unknown>>
> = {
  'no JSON': (key) => redis.set(key, 'not JSON'),
  'half of the entry': (key, entry) => redis.set(key, entry.slice(0, -10)),
  nothing: (key) => redis.set(key, ''),
  null: (key) => redis.set(key, 'null'),
  'a number': (key) => redis.set(key, '7'),
  'a list': (key, entry) => redis.set(key, `[${entry}]`),
  'no name': (key) => redis.set(key, '{"id":1,"priceCents":0}'),
  'a price': (key, entry) => redis.set(key, entry.replace('{', '{"priceCents":1,')),
  'an empty name': (key, entry) => redis.set(key, entry.replace(/"name":"[^"]*"/, '"name":""')),
  'a name that is a number': (key, entry) => redis.set(key, entry.replace(/"name":"[^"]*"/, '"name":7')),
  'a name that is not Unicode': (key, entry) =>
    redis.set(key, entry.replace(/"name":"[^"]*"/, String.raw`"name":"a\ud800"`)),
  'a description with NUL': (key, entry) =>
    redis.set(key, entry.replace(/"description":"[^"]*"/, String.raw`"description":"a\u0000b"`)),
  'a revision of text': (key, entry) => redis.set(key, entry.replace(/"revision":\d+/, '"revision":"1"')),
  'another revision': (key, entry) =>
    redis.set(key, entry.replace(/"revision":\d+/, '"revision":7').replace('Test', 'Other')),
  'the entry of another product': async (key, _entry, other) =>
    redis.set(key, (await redis.get(entryKey(other.id))) ?? assert.fail('no other entry')),
  'the type of a list': (key) => redis.rpush(key, 'a'),
  'the type of a hash': (key) => redis.hset(key, 'id', '1'),
};

for (const [what, put] of Object.entries(foreign)) {
  test(`what is no entry is a miss: ${what}`, async () => {
    const [product, other] = await Promise.all([cachedProduct(), cachedProduct(0.01)]);
    const key = entryKey(product.id);
    const entry = (await redis.get(key)) ?? assert.fail('no entry');
    await redis.del(key);
    await put(key, entry, other);
    await assertShown(product);
    // on a busy machine Redis can answer later than the service waits: then it is asked again
    await eventuallyDespiteErrors('the true entry is in its place again', async () => {
      if ((await redis.get(key)) === entry) return true;
      await request('GET', `/api/products/${product.id}`);
      return undefined;
    });
    // what Redis itself gives as nothing, and an entry that is just old, are no reason to warn
    if (/type of|another revision/.test(what)) return;
    await eventuallyDespiteErrors('the service has warned', async () => {
      const lines = (await mesh.logs('products')).split('\n');
      const warning = (line: string) =>
        line.includes('invalid entry') &&
        line.includes('"level":"warn"') &&
        line.includes(`"product_id":${product.id},`);
      if (lines.some(warning)) return true;
      await put(key, entry, other);
      const { body } = await request<ProductAnswer>('GET', `/api/products/${product.id}`);
      assert.deepEqual(body, { ...product, stock: product.stock - 2 });
      return undefined;
    });
  });
}

/** Ways in which Redis does not take a change, and how each ends. */
const refusing: Readonly<Record<string, readonly [() => Promise<unknown>, () => Promise<unknown>]>> = {
  full: [
    async () => {
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.config('SET', 'maxmemory', '1');
    },
    async () => {
      await redis.config('SET', 'maxmemory', '64mb');
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    },
  ],
  'read-only': [() => redis.replicaof('127.0.0.1', 1), () => redis.replicaof('NO', 'ONE')],
  // longer than a command may take
  slow: [() => redis.client('PAUSE', 2000, 'ALL'), () => redis.client('UNPAUSE')],
  unavailable: [() => mesh.stop('redis'), () => mesh.start('redis')],
};

for (const [how, [begin, end]] of Object.entries(refusing)) {
  test(`a change is seen at once while Redis is ${how}, and after`, async () => {
    const product = await cachedProduct();
    const changed = { ...product, name: `Changed ${randomUUID()}`, price: 12.34 };
    await begin();
    try {
      const { name, price } = changed;
      const { status, body } = await request('PATCH', `/api/products/${product.id}`, { name, price });
      assert.deepEqual([status, body], [200, changed]);
      await assertShown(changed);
    } finally {
      await end();
    }
    await assertShown({ ...changed, stock: 98 });
  });
}
