import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counted, figureOf } from './figure.ts';

const one = (outcome: Counted['outcome'], more: Partial<Counted> = {}): Counted => ({
  outcome,
  missing: [],
  weight: 1,
  ...more,
});

const times = (count: number, order: Counted): Counted[] => Array.from({ length: count }, () => order);

test('the figure leaves the unprovable out, and names what is missing most often first', () => {
  const figure = figureOf(
    [
      one('complete'),
      one('incomplete', { missing: ['x'], judgedTraceId: 'b' }),
      one('incomplete', { missing: ['y', 'x'], judgedTraceId: 'c' }),
      one('unprovable', { missing: ['z'], judgedTraceId: 'd' }),
      one('waiting'),
      one('unproven'),
    ],
    [
      { placed: 4, chosen: 4 },
      { placed: 2, chosen: 2 },
    ],
    300,
  );
  assert.deepEqual(figure, {
    window_s: 300,
    ratio: 1 / 3,
    placed: 6,
    share: 1,
    orders: { complete: 1, incomplete: 2, unprovable: 1, unproven: 1, waiting: 1 },
    missing: [
      { hop: 'x', orders: 2, trace_id: 'c' },
      { hop: 'y', orders: 1, trace_id: 'c' },
    ],
  });
});

test('no order, no figure', () => {
  const { ratio, share } = figureOf([], [], 300);
  assert.deepEqual([ratio, share], [null, null]);
});

test('while most wait, or were never judged, nothing is reported', () => {
  const judged = times(10, one('complete'));
  for (const outcome of ['waiting', 'unproven'] as const) {
    assert.equal(figureOf([...judged, ...times(10, one(outcome))], [], 300).ratio, 1);
    assert.equal(figureOf([...judged, ...times(11, one(outcome))], [], 300).ratio, null, outcome);
  }
  assert.equal(figureOf(times(3, one('unprovable')), [], 300).ratio, null);
});

test('an order of a share weighs as many as it stands for', () => {
  // ten whole ones of a quiet minute, then every eighth of 80 in a rush, half of them incomplete
  const orders = [
    ...times(10, one('complete')),
    ...times(5, one('complete', { weight: 8 })),
    ...times(5, one('incomplete', { weight: 8 })),
  ];
  const { ratio, share } = figureOf(
    orders,
    [
      { placed: 10, chosen: 10 },
      { placed: 80, chosen: 10 },
    ],
    300,
  );
  assert.equal(ratio, 50 / 90);
  assert.equal(share, 20 / 90);
});
