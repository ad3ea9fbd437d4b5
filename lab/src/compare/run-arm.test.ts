import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFolder } from './run-arm.ts';

test('each arm has a folder of its own, also where nothing of its name can stand in one', () => {
  assert.equal(runFolder(3, 2, '1 in a row, half of them'), '3-2-1-in-a-row-half-of-them');
  const names = ['a b', 'a-b', 'größer', 'größer (2)', '最初', '次'];
  assert.equal(new Set(names.map((name, index) => runFolder(1, index + 1, name))).size, names.length);
});
