import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhaseSummary, Threshold } from './summary.ts';
import { type Facts, verdictOf } from './verdict.ts';

function phase(asked: number, changes: Partial<PhaseSummary> = {}): PhaseSummary {
  return {
    phase: `${asked}_per_s`,
    judged: true,
    asked_per_s: asked,
    sent_per_s: asked,
    seconds: 10,
    latency: { count: asked * 10, p50_ms: 10, p95_ms: 20, p99_ms: 30, max_ms: 40 },
    failed_share: 0,
    dropped_iterations: 0,
    ...changes,
  };
}

function facts(changes: Partial<Facts> = {}): Facts {
  return {
    setup_failure: null,
    duration_s: 10.1,
    planned_s: 10,
    phases: [phase(5)],
    dropped_iterations: 0,
    thresholds: [{ metric: 'checks', expression: 'rate>=1', ok: true }],
    knee: null,
    ...changes,
  };
}

const broken: Threshold = { metric: 'http_req_failed', expression: 'rate<=0', ok: false };

test('every threshold kept is PASS', () => {
  assert.deepEqual(verdictOf(facts()), { verdict: 'PASS', reasons: [] });
});

test('a run that could not make what it needs is INVALID, and says why before anything else', () => {
  const run = facts({ setup_failure: 'dependency_unavailable', duration_s: 0.4, thresholds: [broken] });
  const { verdict, reasons } = verdictOf(run);
  assert.equal(verdict, 'INVALID');
  assert.equal(reasons[0], 'the shop could not be prepared: dependency_unavailable');
});

test('a broken threshold is FAIL, by name', () => {
  assert.deepEqual(verdictOf(facts({ thresholds: [broken] })), {
    verdict: 'FAIL',
    reasons: ['broken: http_req_failed rate<=0'],
  });
});

test('dropped iterations are INVALID even when thresholds are broken; both are reported', () => {
  const { verdict, reasons } = verdictOf(facts({ dropped_iterations: 7, thresholds: [broken] }));
  assert.equal(verdict, 'INVALID');
  assert.match(reasons[0] ?? '', /^k6 dropped 7 iterations/);
  assert.equal(reasons[1], 'broken: http_req_failed rate<=0');
});

test('a run that was ended early is INVALID', () => {
  assert.deepEqual(verdictOf(facts({ duration_s: 4.8 })), {
    verdict: 'INVALID',
    reasons: ['the run ended after 4.8 s of 10 s'],
  });
});

test('a judged phase without orders is INVALID', () => {
  const latency = { count: 0, p50_ms: 0, p95_ms: 0, p99_ms: 0, max_ms: 0 };
  assert.equal(verdictOf(facts({ phases: [phase(5, { latency })] })).verdict, 'INVALID');
});

test('in a ramp drops count only where they may have made the knee', () => {
  const past = [phase(15), phase(30, { failed_share: 0.5 }), phase(45, { dropped_iterations: 3 })];
  const ramp = { dropped_iterations: 3, knee: { last_good_per_s: 15, first_bad_per_s: 30, noisy_per_s: [] } };
  assert.equal(verdictOf(facts({ ...ramp, phases: past })).verdict, 'PASS');

  const hiding = [phase(15), phase(30, { dropped_iterations: 3 })];
  const { verdict, reasons } = verdictOf(facts({ ...ramp, phases: hiding }));
  assert.equal(verdict, 'INVALID');
  assert.match(reasons[0] ?? '', /dropped 3 iterations at 30\/s/);
});
