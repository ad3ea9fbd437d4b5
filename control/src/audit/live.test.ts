import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from '../completeness/figure.ts';
import { type LiveEvidence, liveInvariants } from './live.ts';

const traces: Figure = {
  window_s: 300,
  ratio: 1,
  placed: 10,
  share: 1,
  orders: { complete: 10, incomplete: 0, unprovable: 0, unproven: 0, waiting: 0 },
  missing: [],
};

/** All is well. */
const well: LiveEvidence = {
  answers: [
    { ms: Number.POSITIVE_INFINITY, count: 1000 },
    { ms: 500, count: 980 },
    { ms: 2500, count: 995 },
  ],
  attempts: [{ edge: 'orders → products', attempts: 3.1, most: 3 }],
  traces,
};

function lightOf(id: string, changes: Partial<LiveEvidence>) {
  const { verdict, why, broken_by } =
    liveInvariants({ ...well, ...changes }).find((one) => one.id === id) ?? assert.fail(`no ${id}`);
  return [verdict, why, ...broken_by];
}

test('what figures prove holds; what only an experiment can judge is not called so', () => {
  assert.deepEqual(
    liveInvariants(well).map(({ id, verdict }) => `${id} ${verdict}`),
    ['I5 OK', 'I6 OK', 'I7 UNKNOWN', 'I8 OK'],
  );
});

test('the limit of an answer is judged by the bounds of the histogram, and by nothing finer', () => {
  const answers = (within2500: number, within5000: number) => ({
    answers: [
      { ms: 2500, count: within2500 },
      { ms: 5000, count: within5000 },
      { ms: Number.POSITIVE_INFINITY, count: 1000 },
    ],
  });
  assert.deepEqual(lightOf('I5', answers(990, 1000)), ['OK', '']);
  assert.deepEqual(lightOf('I5', answers(900, 989)), ['BROKEN', '', 'more than 1 of 100 took over 5000 ms']);
  assert.deepEqual(lightOf('I5', answers(989, 1000)), [
    'UNKNOWN',
    'the slowest took between 2500 and 5000 ms; the gateway counts no finer',
  ]);
  assert.deepEqual(lightOf('I5', { answers: [] }), ['UNKNOWN', 'no order was placed in the last 5 min']);
  assert.deepEqual(lightOf('I5', { answers: { unread: 'prometheus is down' } }), [
    'UNKNOWN',
    'prometheus is down',
  ]);
});

test('attempts beyond those of a policy break it, with some room', () => {
  const attempts = (count: number) => ({ attempts: [{ edge: 'a → b', attempts: count, most: 3 }] });
  assert.deepEqual(lightOf('I6', attempts(3.15)), ['OK', '']);
  assert.deepEqual(lightOf('I6', attempts(3.2)), ['BROKEN', '', 'a → b: 3.20 attempts for each call, of 3']);
  assert.deepEqual(lightOf('I6', { attempts: [] })[0], 'UNKNOWN');
});

test('one trace that is not whole breaks it; too few that were judged prove nothing', () => {
  const incomplete: Figure = {
    ...traces,
    ratio: 0.9,
    orders: { ...traces.orders, complete: 9, incomplete: 1 },
    missing: [{ hop: 'the relay', orders: 1, trace_id: '0af7' }],
  };
  assert.deepEqual(lightOf('I8', { traces: incomplete }), [
    'BROKEN',
    '',
    '1 without the relay, as in ./mesh trace 0af7',
  ]);
  assert.equal(lightOf('I8', { traces: { ...traces, ratio: null } })[0], 'UNKNOWN');
});
