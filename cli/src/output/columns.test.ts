import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRecord } from '@microshop/control/changes/schemas';
import type { DeadLetter } from '@microshop/control/dead-letters/schemas';
import { auditLines } from '../commands/audit.ts';
import { dlqLines } from '../commands/dlq.ts';
import { outboxLines } from '../commands/outbox.ts';
import { alertLines } from '../mesh/mesh-report.ts';
import { changeLines } from '../text/changes.ts';
import { columns } from './columns.ts';
import { widest } from './output.ts';
import { styled, widthOf } from './style.ts';

const id = '0ad3bd3c-3a2e-4ab1-9c47-6c84cf6e4bd1';
const reason = 'body must have required properties order_id, items; '.repeat(4).trim();
const type = 'STOCK_RESERVED';
const letter: DeadLetter = {
  id,
  queue: 'products.orders',
  type,
  order_id: 12,
  reason,
  trace_id: null,
  published_at: null,
};

/** Fails when a line is too wide for a terminal, or a word of `told` is lost. */
function assertFits(lines: readonly string[], told: string): void {
  const wide = lines.filter((line) => widthOf(line) > widest);
  assert.deepEqual(wide, []);
  const words = new Set(lines.flatMap((line) => line.trim().split(/\s+/)));
  const lost = told.split(' ').filter((word) => !words.has(word));
  assert.deepEqual(lost, [], lines.join('\n'));
}

test('a table too wide for a terminal has the cells of its widest column broken between words', () => {
  const lines = columns(
    ['service', 'calls are', 'hits'],
    [
      ['products', 'word '.repeat(30).trim(), '7'],
      ['users', 'short', '12'],
    ],
    ['hits'],
  );
  assertFits(lines, 'products word 7 users short 12');
  assert.match(lines[1] ?? '', /^products {2}word .* word +7$/);
  assert.match(lines[2] ?? '', /^ {10}word .*word$/);
  assert.equal(lines.join(' ').match(/word/g)?.length, 30);
  assert.match(lines.at(-1) ?? '', /^users {5}short +12$/);
});

test('a table that fits is not broken; neither is a long word, a cell with a colour, nor a table that may be wider', () => {
  assert.deepEqual(columns(['a', 'b'], [['1 2', 'x y']]).slice(1), ['1 2  x y']);
  const address = `/${'a'.repeat(120)}`;
  assert.equal(columns(['a', 'b'], [['x y', address]]).length, 3);
  assert.ok(columns(['a', 'b'], [['x y', address]]).some((line) => line.includes(address)));
  const text = 'word '.repeat(40).trim();
  const forced = process.env['FORCE_COLOR'];
  process.env['FORCE_COLOR'] = '1';
  try {
    assert.equal(columns(['a'], [[styled('red', text)]]).length, 2);
  } finally {
    if (forced === undefined) delete process.env['FORCE_COLOR'];
    else process.env['FORCE_COLOR'] = forced;
  }
  assert.equal(columns(['a'], [[text]], [], Number.POSITIVE_INFINITY).length, 2);
});

test('alerts, dead letters, outboxes, audits and changes fit a terminal', () => {
  assertFits(alertLines([{ name: 'PlaceOrderErrorsBurnsFast', summary: reason }]), reason);
  assertFits(dlqLines([letter]), reason);
  const event = { service: 'orders', message_id: id, type, order_id: 12, age_s: 70, reason } as const;
  assertFits(
    outboxLines({
      ...{ waiting: 0, set_aside_count: 1, set_aside: [event], lost_count: 0, lost: [], under_way: 0 },
    }),
    reason,
  );
  const audit = auditLines({
    ...{ settled: true, waited_ms: 0, unread: [], attempted: 1, acknowledged: 1, lost: 1, doubled: 0 },
    ...{ unexpected: 0, oversold: 0, stuck: 0, left_in_outbox: 0, in_dlq: 1, dead_letters: [letter] },
    orders: { total: 1, pending: 0, confirmed: 1, rejected: 0 },
    ids: { lost: [], doubled: [], unexpected: [], oversold: [], stuck: [], set_aside: [] },
    invariants: [
      { id: 'I1', says: 'x', verdict: 'BROKEN', why: reason, broken_count: 1, broken_by: [reason] },
    ],
  });
  assertFits(audit, reason);
  assert.match(audit[0] ?? '', /^1 order: 1 confirmed/);
  const fault: FaultRecord = {
    service: 'products',
    from: null,
    abort: 503,
    delay_ms: 300,
    replace_answer: null,
    slow_answer: null,
    replica: null,
    percent: 50,
    set_at: 0,
    expires_at: null,
    since: {},
    counted: { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 },
  };
  assertFits(
    changeLines('', { faults: [fault], policyRecords: [] }, 0),
    'each drawn independently; until clear',
  );
});
