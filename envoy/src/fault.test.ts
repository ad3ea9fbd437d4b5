import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callersMeeting, type Fault, faultFor, faultRuntime } from './fault.ts';

const forAll: Fault = {
  service: 'products',
  from: null,
  abort: 503,
  delayMs: null,
  replaceAnswer: false,
  slowAnswer: false,
  percent: 30,
};
const forOrders: Fault = { ...forAll, from: 'orders', abort: null, delayMs: 700, percent: 100 };

test('a fault for all makes keys of every caller', () => {
  assert.deepEqual(faultRuntime([forAll], 'products'), {
    'fault.http.gateway.abort.abort_percent': 30,
    'fault.http.gateway.abort.http_status': 503,
    'fault.http.orders.abort.abort_percent': 30,
    'fault.http.orders.abort.http_status': 503,
  });
});

test("a caller's own fault counts before the one for all", () => {
  const faults = [forAll, forOrders];
  assert.equal(faultFor(faults, 'products', 'orders'), forOrders);
  assert.equal(faultFor(faults, 'products', 'gateway'), forAll);
  assert.deepEqual(callersMeeting(faults, forAll), ['gateway']);
  assert.deepEqual(callersMeeting(faults, forOrders), ['orders']);
  assert.deepEqual(faultRuntime(faults, 'products'), {
    'fault.http.gateway.abort.abort_percent': 30,
    'fault.http.gateway.abort.http_status': 503,
    'fault.http.orders.delay.fixed_delay_percent': 100,
    'fault.http.orders.delay.fixed_duration_ms': 700,
  });
});

test('other services and other kinds of faults make no keys', () => {
  assert.deepEqual(faultRuntime([forAll], 'users'), {});
  assert.deepEqual(faultRuntime([{ ...forAll, abort: null, replaceAnswer: true }], 'products'), {
    'fault.http.gateway.answer.replace_percent': 30,
    'fault.http.orders.answer.replace_percent': 30,
  });
  const slow = { ...forAll, abort: null, slowAnswer: true, from: 'orders' } as const;
  assert.deepEqual(faultRuntime([slow], 'products'), { 'fault.http.orders.answer.slow_percent': 30 });
});
