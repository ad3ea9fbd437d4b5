import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsWith } from '@microshop/control/changes/policy-values';
import { policiesOf } from '@microshop/control/changes/store';
import { faultOf } from './fault-words.ts';
import { namedComparisons } from './named.ts';

for (const { name, fault, arms, unchecked = false } of namedComparisons) {
  test(`${name} has a fault that can be set, and arms that the control service accepts`, () => {
    assert.equal(faultOf(fault).kind, 'calls');
    assert.equal(new Set(arms.map((arm) => arm.name)).size, arms.length);
    assert.ok(arms.length >= 2);
    // throws for policies that do not fit together
    for (const arm of arms) policiesOf(recordsWith([], arm.policies), !unchecked);
    if (unchecked) assert.throws(() => arms.map((arm) => policiesOf(recordsWith([], arm.policies))), /must/);
  });
}
