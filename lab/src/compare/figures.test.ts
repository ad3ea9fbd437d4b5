import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../experiment/answers.ts';
import { clientLayer, valuesOf } from './figures.ts';

const timeline = {
  steady: { from: 0, to: 1000 },
  fault: { from: 1000, to: 2000 },
  heal: { from: 2000, to: 5000 },
};

function answer(t: number, key: string, status: number, ms = 10): Answer {
  return { key, status, trace_id: 'abc', t, ms };
}

const counts = (attempts: number, retries: number) => ({ attempts, retries, good: 0 });

test('attempts are counted per buyer over all layers into the faulty service, and per call in each layer', () => {
  const values = valuesOf({
    answers: [
      answer(900, 'before', 201),
      answer(1100, 'one', 503, 30),
      answer(1300, 'one', 201, 20),
      answer(1400, 'two', 503, 50),
      answer(3500, 'after', 503),
    ],
    timeline,
    counts: [
      {
        'gateway → products': counts(5, 0),
        'orders → products': counts(100, 40),
        'orders → users': counts(0, 0),
      },
      {
        'gateway → products': counts(6, 0),
        'orders → products': counts(109, 46),
        'orders → users': counts(3, 0),
      },
    ],
    service: 'products',
  });
  assert.deepEqual(values, {
    success: 0.5,
    p50: 30,
    p99: 50,
    amplification: 5,
    // the last request failed: nothing has recovered by the end of the phase
    recovery: 3,
    [clientLayer]: 1.5,
    'gateway → products': 1,
    'orders → products': 3,
    'orders → users': 1,
  });
});

test('a layer that was not counted makes the attempts unknown, and not fewer', () => {
  const gateway = { 'gateway → products': counts(5, 0) };
  const values = valuesOf({
    answers: [answer(1100, 'one', 201)],
    timeline,
    counts: [{ ...gateway, 'orders → products': counts(1, 0) }, gateway],
    service: 'products',
  });
  assert.equal(values['amplification'], null);
});

test('without buyers or counters nothing is known', () => {
  const values = valuesOf({ answers: [], timeline, counts: [{}, {}], service: 'products' });
  assert.deepEqual(values, {
    success: null,
    p50: null,
    p99: null,
    amplification: null,
    recovery: 0,
    [clientLayer]: null,
  });
});
