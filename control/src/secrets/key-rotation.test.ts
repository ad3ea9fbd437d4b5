import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueToken, type SigningKey, signingKeyAt } from '@microshop/service-kit/tokens';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { rotated } from './key-rotation.ts';

const minute = 60_000;
const times = { signsMs: 60 * minute, publishedBeforeMs: minute, publishedAfterMs: 16 * minute };
const start = Date.parse('2026-11-28T06:00:00Z');

const kids = (keys: readonly SigningKey[]): string[] => keys.map(({ public_key: { kid } }) => kid);
const signs = (keys: readonly SigningKey[], at: number) => signingKeyAt(keys, at)?.public_key.kid;

test('the first key signs at once, and is left alone until the next is due', async () => {
  const { keys, lookAt } = await rotated([], start, times);
  assert.equal(keys.length, 1);
  assert.equal(signs(keys, start), keys[0]?.public_key.kid);
  assert.equal(lookAt, start + times.signsMs - times.publishedBeforeMs);
  assert.deepEqual((await rotated(keys, lookAt - 1, times)).keys, keys);
});

test('the next is published before it signs, the one before until its last token has ended', async () => {
  const first = await rotated([], start, times);
  const second = await rotated(first.keys, first.lookAt, times);
  const [old = '', next = ''] = kids(second.keys);
  assert.equal(second.keys.length, 2);
  assert.equal(signs(second.keys, first.lookAt), old);
  assert.equal(second.lookAt, first.lookAt + times.publishedBeforeMs);

  const third = await rotated(second.keys, second.lookAt, times);
  assert.deepEqual(kids(third.keys), [old, next]);
  assert.equal(signs(third.keys, second.lookAt), next);
  assert.deepEqual(
    third.keys.map(({ private_part: own }) => own === null),
    [true, false],
    'what has signed cannot sign any more',
  );
  assert.equal(third.lookAt, second.lookAt + times.publishedAfterMs);
  assert.deepEqual(kids((await rotated(third.keys, third.lookAt - 1, times)).keys), [old, next]);
  assert.deepEqual(kids((await rotated(third.keys, third.lookAt, times)).keys), [next]);
});

test('rotation can be asked for; asked twice it is the same', async () => {
  const first = await rotated([], start, times);
  const asked = await rotated(first.keys, start + minute, times, true);
  assert.equal(asked.keys.length, 2);
  assert.deepEqual((await rotated(asked.keys, start + minute + 1, times, true)).keys, asked.keys);
  assert.equal(signs(asked.keys, start + 2 * minute), asked.keys[1]?.public_key.kid);
});

test('after a long sleep there is a key that signs, and none that should be gone', async () => {
  const first = await rotated([], start, times);
  const asked = await rotated(first.keys, start, times, true);
  const late = start + 24 * 60 * minute;
  const { keys } = await rotated(asked.keys, late, times);
  assert.notEqual(signs(keys, late), undefined);
  const later = await rotated(keys, late + times.publishedAfterMs, times);
  assert.ok(!kids(later.keys).includes(kids(first.keys)[0] ?? ''));
});

test('when the clock is set back there is a key that signs, others follow it in time, and what has signed is gone in time', async () => {
  const first = await rotated([], start, times);
  const second = await rotated(first.keys, first.lookAt, times);
  const third = await rotated(second.keys, second.lookAt, times);
  const [old = '', next = ''] = kids(third.keys);
  // of these the first signs no more, and the time of the second has not come
  const back = start - 24 * 60 * minute;
  assert.equal(signs(third.keys, back), next, 'before anybody has looked at them, too');
  const set = await rotated(third.keys, back, times);
  assert.deepEqual([signs(set.keys, back), kids(set.keys)], [next, [old, next]]);
  assert.ok(set.lookAt <= back + times.publishedAfterMs);
  const later = await rotated(set.keys, back + times.publishedAfterMs, times);
  assert.deepEqual(kids(later.keys), [next]);
  const due = await rotated(later.keys, back + times.signsMs - times.publishedBeforeMs, times);
  assert.equal(due.keys.length, 2);
  assert.notEqual(signs((await rotated(due.keys, due.lookAt, times)).keys, back + times.signsMs), next);

  // also while the next one is published
  const between = await rotated(second.keys, back, times);
  assert.equal(signs(between.keys, back), old);
  assert.equal(signs(between.keys, back + times.publishedBeforeMs), next);
});

test('whatever the time, a token is valid by the published keys from its first moment to its last', async () => {
  let { keys } = await rotated([], start, times);
  const live: { token: string; until: number }[] = [];
  for (let now = start; now < start + 4 * 60 * minute; now += 5 * minute) {
    keys = (await rotated(keys, now, times)).keys;
    const { token, expires_at } = await issueToken(keys, { subject: '7', role: 'customer' }, now);
    live.push({ token, until: Date.parse(expires_at) });
    const keySet = createLocalJWKSet({ keys: keys.map(({ public_key: key }) => key) });
    for (const { token: one } of live.filter(({ until }) => until > now))
      await jwtVerify(one, keySet, { currentDate: new Date(now) });
  }
});
