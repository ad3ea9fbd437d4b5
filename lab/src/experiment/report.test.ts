import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchLines, reportLines, reportOf } from './report.ts';
import { goodFacts, someCircumstances, someExperiment } from './testing.ts';

test('a report holds the claim, the verdict and every figure', () => {
  const { name, hypothesis, verdict, reasons, deadline_ms, witness, experiment } = reportOf(
    goodFacts,
    someCircumstances,
  );
  assert.deepEqual(
    { name, hypothesis, verdict, reasons, deadline_ms, witness, experiment },
    {
      name: 'some',
      hypothesis: 'It holds.',
      verdict: 'PASS',
      reasons: [],
      deadline_ms: 3500,
      witness: goodFacts.witness,
      experiment: someExperiment,
    },
  );
});

test('its lines name phases, layers, witness and verdict, with the reasons, in 100 columns', () => {
  const breakers = [{ t: 13_000, breaker: 'orders → products', state: 'open' }];
  const reason = 'a reason that goes on and on '.repeat(5).trim();
  const report = {
    ...reportOf({ ...goodFacts, breakers, recovery_s: 9 }, someCircumstances),
    reasons: [reason, 'another'],
  };
  const lines = reportLines(report, {
    file: '/reports/some-1/report.json',
    page: '/reports/some-1/experiment.html',
  });
  const text = lines.join('\n');
  for (const pattern of [
    /^some$/m,
    /^claim +It holds\.$/m,
    /^fault +10\.0 s +100 +100\.0 % +20 ms +60 ms +90 ms$/m,
    /^fault +orders → products +100 +125 +1\.25 +100\.0 %$/m,
    /^witness +Envoy counted 30 aborts$/m,
    /^failures +3 dependency_unavailable$/m,
    /^recovered +9\.0 s after the end of the fault$/m,
    /^breakers +orders → products open at 2\.5 s /m,
    /^verdict +FAIL\n {2}a reason that .*\n {4}.*\n {2}another$/m,
    /^report +\/reports\/some-1\/report\.json$/m,
    /^page +\/reports\/some-1\/experiment\.html$/m,
  ]) {
    assert.match(text, pattern);
  }
  assert.deepEqual(
    lines.filter((line) => line.length > 100),
    [],
  );
});

test('it says so when nobody was served after the last failure', () => {
  const { seconds } = goodFacts.phases.heal;
  const lines = reportLines(reportOf({ ...goodFacts, recovery_s: seconds }, someCircumstances), {
    file: 'file',
    page: 'page',
  });
  assert.ok(lines.includes('recovered   not within 10.0 s after the end of the fault'));
});

test('a report of nothing has dashes, and says where no trace is judged', () => {
  const nothing = {
    ...goodFacts.phases.fault,
    buyers: 0,
    success: null,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
  };
  const experiment = { ...someExperiment, traces: 'unprovable' } as const;
  const facts = { ...goodFacts, experiment, phases: { ...goodFacts.phases, fault: nothing } };
  const text = reportLines(reportOf(facts, someCircumstances), { file: 'file', page: 'page' }).join('\n');
  assert.match(text, /^fault +10\.0 s +0 +– +– +– +–$/m);
  assert.match(text, /^traces +unprovable/m);
  assert.match(text, /^verdict +INVALID$/m);
});

test('traces that a process has taken with it are counted apart, where there are some', () => {
  const traces = (unprovable: number) =>
    reportLines(reportOf({ ...goodFacts, traces: { ...goodFacts.traces, unprovable } }, someCircumstances), {
      file: 'file',
      page: 'page',
    }).find((line) => line.startsWith('traces'));
  assert.equal(traces(0), 'traces      300 complete, 0 incomplete, 0 not judged');
  assert.equal(traces(2), 'traces      300 complete, 0 incomplete, 2 unprovable, 0 not judged');
});

test('in a container it says how the folder of the run is fetched', () => {
  const file = '/mesh/experiments/some-1/report.json';
  assert.deepEqual(fetchLines(file, { MESH_MODE: 'compose' }), [
    'fetch       docker compose cp control:/mesh/experiments/some-1 .',
  ]);
  assert.deepEqual(fetchLines(file, {}), []);
});
