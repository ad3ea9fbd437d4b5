import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Figure } from '@microshop/control/completeness/figure';
import { consumerStalledSeconds } from '@microshop/topology';
import { figureLines, type MeshReport, ofRunning, reportLines } from './mesh-report.ts';

test('of an app that does not run, nothing is shown as if it did', () => {
  const breaker = {
    caller: 'orders',
    callee: 'users',
    state: 'open',
    opens: 1,
    rejections: 2,
    timeouts: 0,
  } as const;
  const consumer = { consuming: true, held: 3, stalled_s: 4 };
  const report: MeshReport = {
    breakers: ['orders', 'orders-2'].map((part) => ({ ...breaker, part, age_s: 1 })),
    consumers: ['products', 'orders'].map((part) => ({ ...consumer, part, queue: `${part}.queue` })),
    traces: null,
    changes: { faults: [], policyRecords: [] },
    alerts: [],
  };
  const { breakers, consumers } = ofRunning(report, (part) => part === 'orders');
  assert.deepEqual(
    breakers.map(({ part }) => part),
    ['orders'],
  );
  assert.deepEqual(consumers, [
    { part: 'products', queue: 'products.queue', consuming: false, held: 0, stalled_s: 0 },
    { ...consumer, part: 'orders', queue: 'orders.queue' },
  ]);
});

const none = { complete: 0, incomplete: 0, unprovable: 0, unproven: 0, waiting: 0 };
test('a consumer that is missing, and one that settles nothing, is shown as such', () => {
  const consumer = { queue: 'a.queue', consuming: true, held: 3, stalled_s: consumerStalledSeconds - 1 };
  const lines = reportLines({
    breakers: [],
    consumers: [
      { ...consumer, part: 'orders' },
      { ...consumer, part: 'products', stalled_s: consumerStalledSeconds },
      { ...consumer, part: 'orders-2', consuming: false, held: 0, stalled_s: 0 },
    ],
    traces: null,
    changes: { faults: [], policyRecords: [] },
    alerts: [],
  }).map((line) => stripVTControlCharacters(line).trim().split(/ {2,}/));
  assert.deepEqual(
    lines.filter(([part = '']) => part.includes('←')),
    [
      ['orders ← a.queue', 'consuming', '3', '14 s'],
      ['products ← a.queue', 'stalled', '3', '15 s'],
      ['orders-2 ← a.queue', 'missing', '0'],
    ],
  );
});

const quiet: Figure = { window_s: 300, ratio: null, placed: 0, share: null, orders: none, missing: [] };

const lines = (figure: Partial<Figure>): string[] =>
  figureLines({ ...quiet, ...figure }).map(stripVTControlCharacters);

test('all judged: how many are whole, and what the others lack', () => {
  const orders = { ...none, complete: 2, incomplete: 1, unprovable: 1, waiting: 4 };
  const missing = [{ hop: 'orders publishes ORDER_CREATED', orders: 1, trace_id: 'a'.repeat(32) }];
  assert.deepEqual(lines({ ratio: 2 / 3, placed: 8, share: 1, orders, missing }), [
    'Traces (last 5 min): 2 of 3 provable orders have a whole trace, 1 unprovable, 4 waiting',
    '  missing in 1: orders publishes ORDER_CREATED',
    `    ./mesh trace ${'a'.repeat(32)}`,
  ]);
});

test('a share: which, and of how many', () => {
  const orders = { ...none, complete: 90, incomplete: 10 };
  assert.deepEqual(lines({ ratio: 0.9, placed: 800, share: 0.125, orders }), [
    'Traces (last 5 min): 90 of 100 provable orders have a whole trace',
    '  12.5 % of 800 orders judged, chosen by trace id; of all of them 90.0 % are whole',
  ]);
});

test('nothing is called whole that was not judged', () => {
  assert.deepEqual(lines({}), ['Traces (last 5 min): no order older than 10 s to judge']);
  const orders = { ...none, complete: 3, unproven: 20, waiting: 5 };
  assert.deepEqual(lines({ ratio: null, placed: 28, share: 1, orders }), [
    'Traces (last 5 min): cannot tell, 3 judged, 5 waiting',
    '  20 unproven: no trace in Jaeger, or not ended, by the deadline; not counted as whole',
  ]);
});

test('no line is wider than 100 columns, whatever the numbers', () => {
  const many = { complete: 2500, incomplete: 2500, unprovable: 2500, unproven: 2500, waiting: 2500 };
  const missing = [
    { hop: 'products writes products_db for ORDER_CREATED', orders: 1, trace_id: 'a'.repeat(32) },
  ];
  for (const ratio of [null, 0.5]) {
    const wide = lines({ ratio, placed: 1_000_000, share: 0.125, orders: many, missing });
    assert.deepEqual(
      wide.filter((line) => line.length > 100),
      [],
    );
  }
});
