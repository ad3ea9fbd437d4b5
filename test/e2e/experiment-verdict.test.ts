/** `./mesh experiment run` comes to a verdict on the real mesh. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ofMachine, runExperiment, short } from '../harness/experiment.ts';
import { clearFaults, wellShop } from '../harness/faults.ts';

before(async () => {
  await clearFaults();
  await wellShop(100);
});

test('a slow products only makes orders slow: PASS, with a witness and every trace whole', async (t) => {
  const { code, report } = await runExperiment('delay-300', ...short);
  assert.match(report.witness.saw, /^Envoy counted \d+ delays$/);
  assert.ok((report.phases['fault']?.p50_ms ?? 0) >= 300, 'the fault is in the figures');
  // a machine that something else keeps busy proves nothing
  if (report.verdict === 'INVALID' && report.reasons.some((reason) => ofMachine.test(reason))) {
    assert.equal(code, 3);
    t.skip(report.reasons.join('; '));
    return;
  }
  assert.deepEqual([report.verdict, report.reasons, code], ['PASS', [], 0]);
  assert.ok((report.phases['heal']?.p50_ms ?? 300) < 300, 'the fault is gone after it');
  assert.ok(report.accepted > 50 && report.traces.complete === report.accepted);
});
