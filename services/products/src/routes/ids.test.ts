import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIds } from './ids.ts';

test('ids are read in their order', () => {
  assert.deepEqual(parseIds('1'), [1]);
  assert.deepEqual(parseIds('2147483647,3,2'), [2_147_483_647, 3, 2]);
});

for (const text of [
  '',
  '0',
  '01',
  '-1',
  '0x1',
  '1e0',
  '1,,2',
  '1, 2',
  'a',
  '2147483648',
  '1,99999999999999999999',
]) {
  test(`refused as ids: "${text}"`, () => {
    assert.throws(() => parseIds(text), {
      message: 'query.ids must be ids from 1 to 2147483647, with commas between them: 1,2',
    });
  });
}

test('more ids than an order has lines are refused', () => {
  assert.equal(parseIds(Array(100).fill('1').join(',')).length, 100);
  assert.throws(() => parseIds(Array(101).fill('1').join(',')), /query\.ids must hold at most 100 ids/);
});
