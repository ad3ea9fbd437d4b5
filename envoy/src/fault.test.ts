import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callersMeeting, type Fault, faultFor, faultRuntime } from './fault.ts';

const forAll: Fault = {
  service: 'products',
  from: null,
  replica: null,
  abort: 503,
  delayMs: null,
  replaceAnswer: false,
  slowAnswer: false,
  percent: 30,
};
const forOrders: Fault = { ...forAll, from: 'orders', abort: null, delayMs: 700, percent: 100 };

test('a fault for all makes keys of every caller', () => {
  assert.deepEqual(faultRuntime([forAll], 'products', 1), {
    'fault.http.gateway.abort.abort_percent': 30,
    'fault.http.gateway.abort.http_status': 503,
    'fault.http.orders.abort.abort_percent': 30,
    'fault.http.orders.abort.http_status': 503,
  });
});

test("a caller's own fault counts before the one for all", () => {
  const faults = [forAll, forOrders];
  assert.equal(faultFor(faults, 'products', 'orders', 1), forOrders);
  assert.equal(faultFor(faults, 'products', 'gateway', 1), forAll);
  assert.deepEqual(callersMeeting(faults, forAll, 1), ['gateway']);
  assert.deepEqual(callersMeeting(faults, forOrders, 1), ['orders']);
  assert.deepEqual(faultRuntime(faults, 'products', 1), {
    'fault.http.gateway.abort.abort_percent': 30,
    'fault.http.gateway.abort.http_status': 503,
    'fault.http.orders.delay.fixed_delay_percent': 100,
    'fault.http.orders.delay.fixed_duration_ms': 700,
  });
});

test('other services and other kinds of faults make no keys', () => {
  assert.deepEqual(faultRuntime([forAll], 'users', 1), {});
  assert.deepEqual(faultRuntime([{ ...forAll, abort: null, replaceAnswer: true }], 'products', 1), {
    'fault.http.gateway.answer.replace_percent': 30,
    'fault.http.orders.answer.replace_percent': 30,
  });
  const slow = { ...forAll, abort: null, slowAnswer: true, from: 'orders' } as const;
  assert.deepEqual(faultRuntime([slow], 'products', 1), { 'fault.http.orders.answer.slow_percent': 30 });
});

test('a fault of one replica is met there, and nowhere else', () => {
  const second: Fault = { ...forAll, replica: 2, percent: 100 };
  const faults = [forAll, second];
  assert.equal(faultFor(faults, 'products', 'orders', 2), second);
  assert.equal(faultFor(faults, 'products', 'orders', 1), forAll);
  assert.deepEqual(callersMeeting(faults, second, 1), []);
  assert.deepEqual(callersMeeting(faults, second, 2), ['gateway', 'orders']);
  assert.deepEqual(faultRuntime([second], 'products', 1), {});
  assert.equal(faultRuntime([second], 'products', 2)['fault.http.orders.abort.abort_percent'], 100);
  // what is set for a caller counts first
  assert.equal(faultFor([second, forOrders], 'products', 'orders', 2), forOrders);
});
