import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callEdges, PolicyError, policyOf, possibleFields, topologyPolicies } from '@microshop/topology';
import { differencesOf, recordsWith } from './policy-values.ts';
import type { PolicyRecord } from './schemas.ts';
import { policiesOf } from './store.ts';

const toProducts = { caller: 'orders', callee: 'products' } as const;
const fromGateway = { caller: 'gateway', callee: 'users' } as const;

test('a field that is not named keeps its value, and a value of the topology is not kept', () => {
  const records: PolicyRecord[] = [{ ...toProducts, change: { tries: 1, max_requests: 500 } }];
  assert.deepEqual(recordsWith(records, [{ ...toProducts, policy: { tries: 2 } }]), [
    { ...toProducts, change: { tries: 2, max_requests: 500 } },
  ]);
  assert.deepEqual(recordsWith(records, [{ ...toProducts, policy: { tries: 3 } }]), [
    { ...toProducts, change: { max_requests: 500 } },
  ]);
  assert.deepEqual(recordsWith(records, [{ ...toProducts, policy: { tries: 3, max_requests: 1024 } }]), []);
  assert.deepEqual(recordsWith(records, [{ ...fromGateway, policy: { tries: 1 } }]), [
    ...records,
    { ...fromGateway, change: { tries: 1 } },
  ]);
});

test('all that is in effect, written down and read again, is what was kept', () => {
  const records: PolicyRecord[] = [
    { ...fromGateway, change: { per_try_timeout_ms: 3600, timeout_ms: 7500 } },
    { ...toProducts, change: { tries: 1 } },
  ];
  const policies = policiesOf(records);
  const all = callEdges.map((edge) => {
    const policy = policyOf(policies, edge);
    return {
      ...edge,
      policy: Object.fromEntries(possibleFields(policy).map(({ name, read }) => [name, read(policy)])),
    };
  });
  for (const before of [
    records,
    [],
    [{ ...toProducts, change: { tries: 2, breaker_capacity: 9 } }] as const,
  ]) {
    const after = policiesOf(recordsWith(before, all));
    assert.deepEqual(differencesOf(policies, after), []);
  }
  assert.deepEqual(differencesOf(topologyPolicies, policies), [
    { ...fromGateway, field: 'timeout_ms', before: 4000, after: 7500 },
    { ...fromGateway, field: 'per_try_timeout_ms', before: null, after: 3600 },
    { ...toProducts, field: 'tries', before: 3, after: 1 },
  ]);
});

test('no value is right only where the topology has none', () => {
  const records: PolicyRecord[] = [{ ...fromGateway, change: { per_try_timeout_ms: 3600 } }];
  assert.deepEqual(recordsWith(records, [{ ...fromGateway, policy: { per_try_timeout_ms: null } }]), []);
  assert.throws(() => recordsWith([], [{ ...toProducts, policy: { per_try_timeout_ms: null } }]), {
    name: 'PolicyError',
    message: "orders → products: per_try_timeout_ms must have a value; the topology's is 900",
  });
});

test('a call that does not exist or stands twice is refused, and so is a field that the call cannot have', () => {
  assert.throws(
    () => recordsWith([], [{ caller: 'users', callee: 'orders', policy: { tries: 1 } }]),
    (error) => error instanceof PolicyError && /no call users → orders/.test(error.message),
  );
  assert.throws(
    () =>
      recordsWith(
        [],
        [
          { ...toProducts, policy: { tries: 1 } },
          { ...toProducts, policy: { tries: 2 } },
        ],
      ),
    { message: 'orders → products is given twice' },
  );
  assert.throws(() => policiesOf(recordsWith([], [{ ...fromGateway, policy: { breaker_capacity: 5 } }])), {
    message: /^gateway → users: breaker_capacity cannot be changed/,
  });
});
