import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextIn, pathThrough } from './layout.ts';

test('an arrow key leads to the nearest edge in its direction, or stays', () => {
  const labels = new Map([
    ['here', { label: { x: 0, y: 0 } }],
    ['right', { label: { x: 100, y: 20 } }],
    ['far right', { label: { x: 300, y: 0 } }],
    ['below', { label: { x: 10, y: 80 } }],
  ]);
  assert.equal(nextIn('ArrowRight', 'here', labels), 'right');
  assert.equal(nextIn('ArrowDown', 'here', labels), 'below');
  assert.equal(nextIn('ArrowUp', 'here', labels), undefined);
  assert.equal(nextIn('ArrowLeft', 'right', labels), 'here');
  assert.equal(nextIn('Enter', 'here', labels), undefined);
});

test('a line begins at its first point and ends at its last', () => {
  const [a, b, c, d] = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 20, y: 10 },
    { x: 30, y: 10 },
  ] as const;
  assert.equal(pathThrough([a, d]), 'M 0 0 L 30 10');
  assert.equal(pathThrough([a, b, c, d]), 'M 0 0 Q 10 0 15 5 Q 20 10 30 10');
  assert.equal(pathThrough([]), '');
});
