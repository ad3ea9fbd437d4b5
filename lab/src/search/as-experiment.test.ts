import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayPolicy } from '@microshop/topology';
import { type Answer, recoverySeconds, withoutCutOff } from '../experiment/answers.ts';
import { commandOf } from '../experiment/run.ts';
import { experimentOf } from './as-experiment.ts';
import type { Schedule } from './schedule.ts';

test('what runs a schedule again names its bug', () => {
  const schedule: Schedule = {
    load: { rate: 10, seconds: 2 },
    faults: [{ at_ms: 0, kind: 'kill', part: 'orders' }],
  };
  assert.equal(commandOf(experimentOf(schedule, 'mine.json'), true), './mesh experiment run mine.json');
  assert.equal(
    commandOf(experimentOf(schedule, 'kept here/mine.json', 'fault-stays'), false),
    './mesh experiment run "kept here/mine.json" --without-fault --planted fault-stays',
  );
});

test('a shop that never recovers takes too long, also when every buyer waits until the gateway gives up', () => {
  const { seconds, limits } = experimentOf(
    { load: { rate: 10, seconds: 2 }, faults: [{ at_ms: 0, kind: 'kill', part: 'orders' }] },
    'mine.json',
  );
  const limit = limits.find(({ figure }) => figure === 'recovery_s')?.most ?? 0;
  assert.ok(limit > 0);
  const end = 1000 * seconds.heal;
  const buyers = Array.from({ length: 10 * seconds.heal }, (_, index): Answer => {
    const t = 100 * index;
    const answered = t + gatewayPolicy.timeoutMs < end;
    return {
      ...{ key: String(index), trace_id: '', t },
      status: answered ? 504 : 0,
      ms: answered ? gatewayPolicy.timeoutMs : end - t,
    };
  });
  assert.ok(recoverySeconds(withoutCutOff(buyers, end), { from: 0, to: end }) > limit);
});
