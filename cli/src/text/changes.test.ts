import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRecord } from '@microshop/control/changes/schemas';
import { changeLines, clearedSentence, faultSentence } from './changes.ts';

const fault: FaultRecord = {
  service: 'products',
  from: null,
  abort: 503,
  delay_ms: null,
  replace_answer: null,
  slow_answer: null,
  replica: null,
  percent: 30,
  set_at: 0,
  expires_at: 20_000,
  counted: { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 },
  since: {},
};

test('a fault is described in a sentence', () => {
  assert.equal(faultSentence(fault, 0), 'products for every caller: 30 % answered 503; ends in 20 s');
  const held: FaultRecord = { ...fault, from: 'orders', abort: null, delay_ms: 700, expires_at: null };
  assert.equal(
    faultSentence(held, 0),
    'products for orders: 30 % delayed by 700ms; until ./mesh fault clear',
  );
  assert.equal(
    faultSentence({ ...fault, delay_ms: 300_000 }, 0),
    'products for every caller: 30 % delayed by 5m, 30 % answered 503, each drawn independently; ends in 20 s',
  );
  assert.match(
    faultSentence({ ...fault, delay_ms: 300, percent: 100 }, 0),
    /: 100 % delayed by 300ms, 100 % answered 503; ends/,
  );
});

test('the service without a fault is named, so that nobody believes that there is none at all', () => {
  assert.equal(clearedSentence(0, 'users'), 'No fault was set for users');
  assert.equal(clearedSentence(0, undefined), 'No fault was set');
  assert.equal(clearedSentence(1, 'users'), '1 fault cleared');
  assert.equal(clearedSentence(2, undefined, ' for the next start'), '2 faults cleared for the next start');
});

test('what is changed is a list below its head, and no line when nothing is', () => {
  assert.deepEqual(changeLines('In effect:', { faults: [], policyRecords: [] }), []);
  const policyRecords = [
    { caller: 'orders', callee: 'products', change: { tries: 1, per_try_timeout_ms: 500 } },
  ] as const;
  assert.deepEqual(changeLines('In effect:', { faults: [fault], policyRecords }, 0), [
    'In effect:',
    '  fault   products for every caller: 30 % answered 503; ends in 20 s',
    '  policy  orders → products: tries 1, per_try_timeout_ms 500; until ./mesh policy reset',
  ]);
});
