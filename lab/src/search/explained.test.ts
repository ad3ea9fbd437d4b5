import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimedFault } from '../experiment/definition.ts';
import { codesOf, inTime, lossyBy, tracesOf, uncountedBy } from './explained.ts';

const at = { at_ms: 0, for_ms: 1000 } as const;
const pause = (part: string): TimedFault => ({ ...at, kind: 'pause', part });
const down = (part: string): TimedFault => ({ ...at, kind: 'down', part });
const locked: TimedFault = { ...at, kind: 'hold-locks', part: 'postgres' };
const slow: TimedFault = { ...at, kind: 'calls', service: 'orders', delay_ms: 300 };

test('what an order does without explains no failure, what it needs explains that it cannot be placed now', () => {
  const sale: TimedFault = { at_ms: 0, kind: 'sale', rate: 30, seconds: 2, units: 30 };
  const harmless: TimedFault[] = [
    pause('rabbitmq'),
    down('redis'),
    { ...at, kind: 'duplicates', times: 3 },
    sale,
  ];
  assert.deepEqual(codesOf(harmless), []);
  for (const fault of [pause('postgres'), down('users'), slow]) {
    const codes = codesOf([...harmless, fault]);
    assert.ok(codes.includes('dependency_unavailable') && codes.includes('no_answer'));
    for (const code of ['internal', 'key_reused', 'bad_request', 'not_found'])
      assert.ok(!codes.includes(code));
  }
  const notFound: TimedFault = { ...at, kind: 'calls', service: 'users', abort: 404 };
  assert.ok(codesOf([notFound]).includes('not_found'));
});

test('traces are judged unless PostgreSQL keeps statements without an answer, or Jaeger takes no spans', () => {
  for (const fault of [down('postgres'), pause('rabbitmq'), locked, slow, pause('orders')]) {
    assert.equal(tracesOf([fault]), 'whole');
  }
  for (const fault of [pause('postgres'), down('jaeger')]) {
    assert.equal(tracesOf([slow, fault]), 'unprovable');
  }
});

test('spans may be lost of what dies or hangs and has some to send, under the name that stands in them', () => {
  assert.deepEqual(lossyBy([down('postgres'), pause('rabbitmq'), down('redis'), locked, slow]), []);
  assert.deepEqual(
    lossyBy([pause('orders-2'), down('users-sidecar'), slow, down('orders'), pause('gateway')]),
    ['orders', 'users-sidecar', 'gateway'],
  );
});

test('answers are in time unless a request is held before the deadline is looked at', () => {
  for (const fault of [pause('users'), pause('postgres'), down('orders')])
    assert.equal(inTime([fault]), true);
  for (const fault of [pause('orders'), pause('orders-2'), pause('orders-sidecar'), slow]) {
    assert.equal(inTime([pause('users'), fault]), false);
  }
});

test('attempts are not counted of a caller whose Envoy dies', () => {
  assert.deepEqual(uncountedBy([down('orders-sidecar'), pause('orders'), pause('gateway'), slow]), [
    'orders',
    'gateway',
  ]);
  assert.deepEqual(uncountedBy([down('orders-sidecar-2')]), ['orders']);
});
