import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerFigure, namedFigures } from './figures.ts';
import type { FigureResult } from './judge.ts';
import { comparisonLines, verdictText } from './table.ts';

const spread = (median: number) => ({ median, least: median / 2, most: median * 2 });

const success: FigureResult = {
  figure: namedFigures.success,
  primary: true,
  unknown: null,
  arms: [
    { arm: 'today', spread: { median: 0.975, least: 0.95, most: 1 }, against: null },
    {
      arm: 'mine',
      spread: { median: 0.7, least: 0.65, most: 0.75 },
      against: {
        shift: { estimate: -0.275, least: -0.3, most: -0.25, coverage: 0.969 },
        p: 0.03125,
        said: { verdict: 'worse' },
      },
    },
  ],
};

test('a figure has a line for each arm, with its spread, its difference and its verdict', () => {
  assert.deepEqual(comparisonLines([success]).slice(0, 3), [
    'figure     arm    median  from, to       against today             p  verdict',
    'success *  today  97.5 %  95.0 to 100.0',
    '           mine   70.0 %  65.0 to 75.0   −27.5 (−30.0, −25.0)  0.031  worse',
  ]);
});

test('what is not known has its reason below, and no difference that rounds to 0 a minus', () => {
  const unknown = '5 valid blocks are too few: 6 at least';
  const against = {
    shift: { estimate: -0.001, least: Number.NEGATIVE_INFINITY, most: 0.2, coverage: 1 },
    p: 1,
    said: { verdict: 'cannot tell', moreBlocks: 1 },
  } as const;
  const lines = comparisonLines([
    {
      figure: namedFigures.p99,
      primary: false,
      unknown,
      arms: [
        { arm: 'today', spread: spread(10), against: null },
        { arm: 'mine', spread: null, against: null },
      ],
    },
    {
      figure: layerFigure('orders → products'),
      primary: false,
      unknown: null,
      arms: [
        { arm: 'today', spread: spread(1), against: null },
        { arm: 'mine', spread: spread(1), against },
      ],
    },
  ]);
  const text = lines.join('\n');
  assert.match(text, /^ +mine +– +– +unknown$/m);
  assert.match(text, /\+0\.00 \(−∞, \+0\.20\) +1\.000 +cannot tell \(1 more\)$/m);
  assert.equal(lines.at(-1), `unknown: p99: ${unknown}`);
  assert.ok(lines.every((line) => line.length <= 100));
});

test('a verdict that cannot tell says how many blocks would', () => {
  assert.equal(verdictText({ verdict: 'equivalent' }), 'equivalent');
  assert.equal(verdictText({ verdict: 'cannot tell', moreBlocks: 3 }), 'cannot tell (3 more)');
});
