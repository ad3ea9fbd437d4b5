import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectsIn, faultFieldList } from './fault-fields.ts';

test('every field has a flag of its own and a range that holds something', () => {
  const flags = faultFieldList.map(({ flag }) => flag);
  assert.equal(new Set(flags).size, flags.length);
  for (const field of faultFieldList) {
    if ('least' in field) assert.ok(field.least <= field.most, field.name);
  }
});

test('what a fault does is described with its values, and its share or caller is no effect', () => {
  const told = effectsIn({ service: 'users', from: 'orders', percent: 10, delay_ms: 300, abort: 503 });
  assert.deepEqual(
    told.map(({ field, value }) => [field.effect.said, value]),
    [
      ['answered', 503],
      ['delayed by', 300],
    ],
  );
  assert.deepEqual(effectsIn({ service: 'users', percent: 10, for_ms: 1000 }), []);
});
