import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf } from './layout.ts';

const places = [
  { x: 0, y: 7, w: 12, h: 8 },
  { x: 12, y: 7, w: 12, h: 8 },
  { x: 0, y: 15, w: 24, h: 4 },
];

test('panels stand side by side and below each other as on the grid, whole, between header and footer', () => {
  const { width, height, header, footer, panels } = layoutOf(places);
  const [left, right, below] = panels;
  assert.ok(left !== undefined && right !== undefined && below !== undefined);
  assert.equal(left.y, right.y);
  assert.ok(left.x + left.width < right.x);
  assert.ok(left.y + left.height < below.y);
  assert.equal(below.x + below.width, right.x + right.width);
  assert.ok(right.x + right.width < width);
  assert.ok(header.y + header.height <= left.y);
  assert.ok(footer.y >= below.y + below.height);
  assert.ok(footer.y + footer.height <= height);
});

test('the topmost panel begins the picture, wherever it is on the grid', () => {
  const moved = places.map((place) => ({ ...place, y: place.y + 30 }));
  assert.deepEqual(layoutOf(moved), layoutOf(places));
});
