import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesPlacement, topologyPolicies } from '@microshop/topology';
import { faultRecord } from '../changes/testing/fault-record.ts';
import { deliveryByAgents } from './delivery.ts';
import { createRegistry } from './registry.ts';
import type { Poll, ReplicaState } from './schemas.ts';

const staying = new AbortController().signal;
const fault = faultRecord();

test('an answer waits for as long as a pod that has gone without a word is known, and no longer names it then', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = createRegistry();
  const delivery = deliveryByAgents(kubernetesPlacement(), registry);
  const ask = (pod: string, more: Partial<Poll>): Promise<ReplicaState | undefined> =>
    registry.next({ identity: 'users', pod, address: '10.0.0.1', refused: 0, wait_ms: 0, ...more }, staying);
  const first = await ask('users-a', {});
  const second = await ask('users-b', {});
  assert.ok(first && second);
  await delivery.deliver({
    faults: [fault],
    policyRecords: [],
    lease: null,
    policies: topologyPolicies,
    problems: [],
  });
  const next = await ask('users-a', { have: first.version, replica: first.replica });
  assert.ok(next);
  const { version, replica } = next;
  // it has the fault and waits for news; the other one never asks again
  const waiting = ask('users-a', { have: version, loaded: version, replica, wait_ms: 30_000 });
  assert.deepEqual(await delivery.withoutFaults('users', [fault]), ['users-sidecar-2']);
  t.mock.timers.tick(delivery.reportLimitMs - 1);
  assert.deepEqual(await delivery.withoutFaults('users', [fault]), []);
  registry.close();
  await waiting;
});
