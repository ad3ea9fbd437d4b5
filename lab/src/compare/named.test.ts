import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsWith } from '@microshop/control/changes/policy-values';
import { policiesOf } from '@microshop/control/changes/store';
import { nativePlacement, podsOf } from '@microshop/topology';
import { namedComparisons } from './named.ts';

for (const { name, fault, throughout, service, replicas = {}, arms, unchecked = false } of namedComparisons) {
  test(`${name} has a fault that can be set, and arms that the control service accepts`, () => {
    const calls = [fault, throughout].filter((one) => one?.kind === 'calls');
    assert.ok(calls.length > 0);
    for (const one of calls) {
      const replica = one.replica ?? 1;
      assert.ok(podsOf(nativePlacement({ replicas }), one.service).length >= replica);
    }
    // whose calls are counted
    assert.ok(fault.kind === 'calls' || service !== undefined);
    assert.equal(new Set(arms.map((arm) => arm.name)).size, arms.length);
    assert.ok(arms.length >= 2);
    // throws for policies that do not fit together
    for (const arm of arms) policiesOf(recordsWith([], arm.policies), !unchecked);
    if (unchecked) assert.throws(() => arms.map((arm) => policiesOf(recordsWith([], arm.policies))), /must/);
  });
}
