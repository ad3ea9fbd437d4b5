/** The cache is believed nothing: whatever stands there in place of an entry is a miss. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Redis } from 'ioredis';
import { assertMiss, entryKey, type Put } from '../harness/cache.ts';
import { openRedis } from '../harness/redis.ts';
import { newUser } from '../harness/shop.ts';

let redis: Redis;
let userId: number;

before(async () => {
  redis = await openRedis();
  userId = (await newUser()).id;
});
after(() => redis.disconnect());

/** What stands in Redis in place of an entry. */
const foreign: Readonly<Record<string, Put>> = {
  'no JSON': (redis, key) => redis.set(key, 'not JSON'),
  'half of the entry': (redis, key, entry) => redis.set(key, entry.slice(0, -10)),
  nothing: (redis, key) => redis.set(key, ''),
  null: (redis, key) => redis.set(key, 'null'),
  'a number': (redis, key) => redis.set(key, '7'),
  'a list': (redis, key, entry) => redis.set(key, `[${entry}]`),
  'no name': (redis, key) => redis.set(key, '{"id":1,"priceCents":0}'),
  'a price': (redis, key, entry) => redis.set(key, entry.replace('{', '{"priceCents":1,')),
  'an empty name': (redis, key, entry) => redis.set(key, entry.replace(/"name":"[^"]*"/, '"name":""')),
  'a name that is a number': (redis, key, entry) =>
    redis.set(key, entry.replace(/"name":"[^"]*"/, '"name":7')),
  'a name that is not Unicode': (redis, key, entry) =>
    redis.set(key, entry.replace(/"name":"[^"]*"/, String.raw`"name":"a\ud800"`)),
  'a description with NUL': (redis, key, entry) =>
    redis.set(key, entry.replace(/"description":"[^"]*"/, String.raw`"description":"a\u0000b"`)),
  'a revision of text': (redis, key, entry) =>
    redis.set(key, entry.replace(/"revision":\d+/, '"revision":"1"')),
  'another revision': (redis, key, entry) =>
    redis.set(key, entry.replace(/"revision":\d+/, '"revision":7').replace('Test', 'Other')),
  'the entry of another product': async (redis, key, _entry, other) =>
    redis.set(key, (await redis.get(entryKey(other.id))) ?? assert.fail('no other entry')),
};

for (const [what, put] of Object.entries(foreign)) {
  // an entry that is just old is no reason to warn
  test(`what is no entry is a miss: ${what}`, () =>
    assertMiss(redis, userId, put, what !== 'another revision'));
}
