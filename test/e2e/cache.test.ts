/** The cache is believed nothing: whatever Redis says or refuses, prices are the database's. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Redis } from 'ioredis';
import { assertMiss, assertShown, cachedProduct, type Put } from '../harness/cache.ts';
import { mesh } from '../harness/mesh.ts';
import { openRedis } from '../harness/redis.ts';
import { inTime, newUser, request } from '../harness/shop.ts';

let redis: Redis;
let userId: number;

before(async () => {
  redis = await openRedis();
  userId = (await newUser()).id;
});
after(() => redis.disconnect());

/** What Redis itself refuses to read as an entry. */
const foreign: Readonly<Record<string, Put>> = {
  'the type of a list': (redis, key) => redis.rpush(key, 'a'),
  'the type of a hash': (redis, key) => redis.hset(key, 'id', '1'),
};

for (const [what, put] of Object.entries(foreign)) {
  // what Redis itself gives as nothing is no reason to warn
  test(`what is no entry is a miss: ${what}`, () => assertMiss(redis, userId, put, false));
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
    const product = await cachedProduct(redis);
    const changed = { ...product, name: `Changed ${randomUUID()}`, price: 12.34 };
    await begin();
    try {
      const { name, price } = changed;
      const path = `/api/products/${product.id}`;
      const { status, body } = await inTime(() => request('PATCH', path, { name, price }));
      assert.deepEqual([status, body], [200, changed]);
      await assertShown(userId, changed);
    } finally {
      await end();
    }
    await assertShown(userId, { ...changed, stock: 98 });
  });
}
