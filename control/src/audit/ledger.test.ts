import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLedger } from './ledger.ts';

test('lines are read, further fields left out, empty lines skipped', () => {
  const text =
    '{"key":"a","order_id":7,"status":201,"trace_id":"x","t":1}\n\n{"key":"b","order_id":null,"status":0}\n';
  assert.deepEqual(parseLedger(text), [
    { key: 'a', order_id: 7, status: 201 },
    { key: 'b', order_id: null, status: 0 },
  ]);
});

for (const [line, message] of [
  ['{', /line 2 is not JSON/],
  ['{"key":"a","status":201}', /line 2.*order_id/],
  ['{"key":1,"order_id":1,"status":201}', /line 2\/key/],
  ['{"key":"a","order_id":null,"status":201}', /line 2\/order_id/],
] as const) {
  test(`refused by line and field: ${line}`, () => {
    assert.throws(() => parseLedger(`{"key":"a","order_id":7,"status":201}\n${line}`), message);
  });
}
