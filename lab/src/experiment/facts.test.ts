import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callEdges, edgeNamed } from '@microshop/topology';
import { figuresOf } from './facts.ts';
import { goodFacts, goodPhase, someLayer } from './testing.ts';

const everyLayer = callEdges.map((edge) => someLayer(edgeNamed(edge), 100, 1.2));

/** The figures of attempts in the fault, with those layers. */
function attemptsIn(layers: typeof everyLayer) {
  const figures = figuresOf({
    ...goodFacts,
    phases: { ...goodFacts.phases, fault: { ...goodPhase, layers } },
  });
  return ['fault.attempts_per_order', 'fault.amplification'].map((name) =>
    [...figures].find(([figure]) => figure === name),
  );
}

test('attempts are known where every layer was counted, and not from what is left of them', () => {
  assert.deepEqual(attemptsIn(everyLayer), [
    ['fault.attempts_per_order', 2.4],
    ['fault.amplification', 1.2],
  ]);
  // the one with the most may be the one that is missing
  const without = (name: string) => attemptsIn(everyLayer.filter(({ layer }) => layer !== name));
  assert.deepEqual(without('orders → products'), [
    ['fault.attempts_per_order', null],
    ['fault.amplification', null],
  ]);
  assert.deepEqual(without('gateway → users'), [
    ['fault.attempts_per_order', 2.4],
    ['fault.amplification', null],
  ]);
});
