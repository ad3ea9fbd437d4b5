import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instancesOf, nextInstance } from './instances.ts';

test('two meshes side by side have two numbers, the first the one that was asked for', () => {
  assert.deepEqual(
    [...instancesOf(['now', 'then', 'now'], 2)],
    [
      ['now', 2],
      ['then', 3],
    ],
  );
});

test('after the highest number comes the first', () => {
  assert.equal(nextInstance(9), 1);
  assert.deepEqual([...instancesOf(['now', 'then'], 9).values()], [9, 1]);
});
