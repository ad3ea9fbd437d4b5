import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectFields, effectsIn } from '@microshop/topology';
import { commandOf, effectChoices, firstWish, requestOf, usualValue } from './fault-command.ts';

test('what is asked for and what is typed are the same fault', () => {
  const wish = firstWish('products', 'orders');
  assert.deepEqual(requestOf(wish), {
    service: 'products',
    from: 'orders',
    abort: 503,
    percent: 30,
    for_ms: 120_000,
  });
  assert.equal(commandOf(wish), 'fault set products --abort 503 --percent 30 --from orders --for 120s');
});

test('a fault for every caller that stays names neither', () => {
  const wish = { ...firstWish('users'), effect: 'delay_ms', value: 400, seconds: 0 } as const;
  assert.deepEqual(requestOf(wish), { service: 'users', delay_ms: 400, percent: 30 });
  assert.equal(commandOf(wish), 'fault set users --delay 400ms --percent 30');
});

test('every kind that there is can be set', () => {
  const kinds = effectFields.map(({ name }) => name);
  assert.deepEqual(Object.keys(usualValue), kinds);
  assert.deepEqual(
    effectChoices.map(([effect]) => effect),
    kinds,
  );
  for (const [effect] of effectChoices) {
    const request = requestOf({ ...firstWish(), effect, value: usualValue[effect] });
    assert.deepEqual(
      effectsIn(request).map(({ field }) => field.name),
      [effect],
    );
  }
  const slow = { ...firstWish('users'), effect: 'slow_answer', value: 1, seconds: 0 } as const;
  assert.equal(commandOf(slow), 'fault set users --slow-answer 1 --percent 30');
});
