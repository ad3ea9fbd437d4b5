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
    down('grafana'),
    locked,
    { ...at, kind: 'duplicates', times: 3 },
    sale,
  ];
  assert.deepEqual(codesOf(harmless), []);
  for (const fault of [pause('postgres'), down('users'), slow]) {
    const codes = codesOf([...harmless, fault]);
    assert.ok(codes.includes('dependency_unavailable'));
    for (const code of ['internal', 'key_reused', 'bad_request', 'not_found'])
      assert.ok(!codes.includes(code));
  }
  const ofUsers: TimedFault = { ...at, kind: 'calls', service: 'users', from: 'gateway', abort: 503 };
  assert.deepEqual(codesOf([ofUsers]), [], 'an order does not ask it by way of the gateway');
  const notFound: TimedFault = { ...at, kind: 'calls', service: 'users', abort: 404 };
  assert.ok(codesOf([notFound]).includes('not_found'));
});

test('only what is on the way to the app that places orders leaves a buyer without an answer', () => {
  const slowUsers: TimedFault = { ...at, kind: 'calls', service: 'users', delay_ms: 5000 };
  const answered = (fault: TimedFault) => !codesOf([fault]).includes('no_answer');
  for (const fault of [pause('postgres'), down('users'), down('products-sidecar'), slowUsers])
    assert.equal(answered(fault), true);
  for (const fault of [down('gateway'), pause('orders-sidecar'), down('orders-2'), slow])
    assert.equal(answered(fault), false);
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
  const others = [down('postgres'), pause('rabbitmq'), down('redis'), down('grafana'), locked, slow];
  assert.deepEqual(lossyBy(others), []);
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
  assert.deepEqual(uncountedBy([down('orders-sidecar'), pause('orders'), down('gateway'), slow]), [
    'orders',
    'gateway',
  ]);
  assert.deepEqual(uncountedBy([down('orders-sidecar-2')]), ['orders']);
  assert.deepEqual(uncountedBy([pause('gateway'), pause('orders-sidecar')]), [], 'one that hangs counts on');
});
