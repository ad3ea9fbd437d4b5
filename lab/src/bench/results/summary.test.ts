import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPair, aResult, aRun } from '../testing/runs.ts';
import { resultLines } from './lines.ts';
import { summaryOf } from './summary.ts';

/** A pair whose first side is a fifth slower, on a machine of that speed. */
const pairAt = (index: number, speed: number) =>
  aPair(index, [
    aRun({ services: 12_000 / speed }, { ending_s: 12.5 / speed }),
    aRun({ services: 9000 / speed }, { ending_s: 10 / speed }),
  ]);

test('each pair is compared with itself, so a slow minute falls on both sides', () => {
  const summary = summaryOf([1, 0.1, 2, 1.5, 0.7, 1].map((speed, index) => pairAt(index, speed)));
  const { ordersPerSecond, cpuMsPerOrder } = summary;
  assert.ok(Math.abs(ordersPerSecond.ratio.estimate - 0.8) < 1e-9);
  assert.ok(Math.abs(ordersPerSecond.ratio.least - 0.8) < 1e-9);
  assert.ok(Math.abs(ordersPerSecond.ratio.most - 0.8) < 1e-9);
  assert.equal(ordersPerSecond.p, 2 / 64);
  assert.equal(ordersPerSecond.sides[1].least, 10);
  assert.equal(ordersPerSecond.sides[1].most, 200);
  assert.ok(Math.abs(cpuMsPerOrder.ratio.estimate - 12 / 9) < 1e-9);
});

test('the table adds up to what the machine used for an order', () => {
  const { byRow, machineMsPerOrder } = summaryOf([pairAt(0, 1)]);
  for (const side of [0, 1] as const) {
    const sum = byRow.reduce((total, { msPerOrder }) => total + msPerOrder[side], 0);
    assert.ok(Math.abs(sum - machineMsPerOrder[side]) < 1e-9);
  }
});

test('results say whether they prove anything, and show no interval that there is none of', () => {
  const six = Array.from({ length: 6 }, (_, index) => pairAt(index, 1));
  const valid = resultLines(aResult(six)).join('\n');
  assert.match(valid, /VALID: 6 pairs/);
  assert.doesNotMatch(valid, /INVALID/);
  assert.match(valid, /orders per second .*0\.80 \(0\.80–0\.80\), p 0\.03/);
  const some = resultLines(aResult(six.slice(0, 2))).join('\n');
  assert.match(some, /2 of 6 pairs so far/);
  assert.match(some, /orders per second .*0\.80, p 0\.50/);
  const disturbed = [...six.slice(1), aPair(0, undefined, ['The machine drifted'])];
  assert.match(resultLines(aResult(disturbed)).join('\n'), /INVALID: 1 of 6 pairs prove nothing/);
});
