import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../experiment/facts.ts';
import { reportOf } from '../experiment/report.ts';
import { goodFacts, someCircumstances } from '../experiment/testing.ts';
import { triedOf } from './attempt.ts';
import type { Schedule } from './schedule.ts';

const schedule: Schedule = {
  load: { rate: 10, seconds: 2 },
  faults: [{ at_ms: 0, kind: 'kill', part: 'gateway' }],
};
const checked = (changed: Partial<Facts>) =>
  triedOf(schedule, reportOf({ ...goodFacts, ...changed }, someCircumstances)).checked;

test('an invariant was checked when the run could have broken it', () => {
  assert.deepEqual(checked({}), ['I1', 'I5', 'I6', 'I7', 'I8']);
  // every trace may have lost spans with a process that died
  const { traces } = goodFacts;
  assert.deepEqual(checked({ traces: { ...traces, complete: 0, unprovable: 300 } }), [
    'I1',
    'I5',
    'I6',
    'I7',
  ]);
  assert.deepEqual(checked({ tries: {}, p99_ms: null }), ['I1', 'I7', 'I8']);
});
