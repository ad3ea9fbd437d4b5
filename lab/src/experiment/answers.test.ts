import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  codesOf,
  linesOfAll,
  phaseAnswers,
  quantileMs,
  readAnswers,
  recoverySeconds,
  withoutCutOff,
} from './answers.ts';

function answer(t: number, key: string, status: number, ms = 10, code?: string): Answer {
  return { key, status, trace_id: 'abc', t, ms, ...(code === undefined ? {} : { code }) };
}

test('a ledger is read in order of sending; a line that was cut off is left out', () => {
  const lines = [
    '{"key":"b","order_id":null,"status":503,"trace_id":"2","t":20,"ms":3.5,"code":"breaker_open"}',
    '{"key":"a","order_id":7,"status":201,"trace_id":"1","t":10,"ms":12}',
    '{"key":"c","order_id":8,"sta',
  ];
  assert.deepEqual(readAnswers(lines.join('\n')), [
    { key: 'a', status: 201, trace_id: '1', t: 10, ms: 12 },
    { key: 'b', status: 503, trace_id: '2', t: 20, ms: 3.5, code: 'breaker_open' },
  ]);
  assert.deepEqual(readAnswers(''), []);
});

test('a request that the end of the load cut off is no failure; one that got no answer before it is', () => {
  const before = answer(1000, 'before', 0, 400, 'no_answer');
  const placed = answer(1900, 'placed', 201, 300);
  const refused = answer(1900, 'refused', 503, 300, 'breaker_open');
  const cut = [answer(1500, 'under way', 0, 520, 'no_answer'), answer(2100, 'repeat', 0, 0, 'no_answer')];
  assert.deepEqual(withoutCutOff([before, placed, refused, ...cut], 2000), [before, placed, refused]);
});

test('who came just before the end of the load may have left no line; half of a stretch is looked at at least', () => {
  assert.deepEqual(linesOfAll({ from: 1000, to: 16_000 }), { from: 1000, to: 11_600 });
  assert.deepEqual(linesOfAll({ from: 1000, to: 3000 }), { from: 1000, to: 2000 });
});

test('a line without a field is named', () => {
  assert.throws(
    () => readAnswers('{"key":"a","status":201,"trace_id":"1","t":1,"ms":1}\n{"key":"a","status":201}\n'),
    /^Error: line 2 of the ledger has no text trace_id$/,
  );
});

test('a buyer counts in the phase of the first request, with all repeats', () => {
  const answers = [
    answer(900, 'before', 201),
    answer(1000, 'one', 503, 30, 'breaker_open'),
    answer(1100, 'two', 504, 40, 'deadline_exceeded'),
    // the repeat that gets the order is sent after the phase
    answer(2100, 'one', 201, 20),
    answer(2200, 'two', 504, 50, 'deadline_exceeded'),
    answer(2300, 'after', 201),
  ];
  assert.deepEqual(phaseAnswers(answers, { from: 1000, to: 2000 }), {
    seconds: 1,
    buyers: 2,
    rate_per_s: 2,
    success: 0.5,
    p50_ms: 30,
    p95_ms: 50,
    p99_ms: 50,
    codes: { breaker_open: 1, deadline_exceeded: 2 },
  });
});

test('of a phase without buyers no share and no time is known', () => {
  const { success, p99_ms, rate_per_s } = phaseAnswers([], { from: 5, to: 5 });
  assert.deepEqual([success, p99_ms, rate_per_s], [null, null, 0]);
});

test('a quantile is the shortest time that so large a share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => answer(index, String(index), 201, 100 - index));
  assert.deepEqual(
    [quantileMs(hundred, 0.5), quantileMs(hundred, 0.95), quantileMs(hundred, 0.99)],
    [50, 95, 99],
  );
  assert.equal(quantileMs([answer(0, 'a', 201, 7)], 0.5), 7);
});

test('a failure without a code the contract knows counts as other', () => {
  assert.deepEqual(codesOf([answer(0, 'a', 500), answer(0, 'b', 201)]), { other: 1 });
});

test('recovery lasts until the last request that failed after the fault', () => {
  const answers = [
    answer(900, 'a', 503),
    answer(1500, 'b', 503),
    answer(1600, 'c', 201),
    answer(4000, 'd', 504),
  ];
  const heal = { from: 1000, to: 6000 };
  assert.equal(recoverySeconds(answers.slice(0, 3), heal), 0.5);
  assert.equal(recoverySeconds(answers.slice(0, 1), heal), 0);
  // nobody is served after the last failure
  assert.equal(recoverySeconds(answers, heal), 5);
});
