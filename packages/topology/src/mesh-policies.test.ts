import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CallEdge,
  callEdges,
  checkMeshPolicies,
  edgeNamed,
  PolicyError,
  policiesWith,
  policyOf,
  topologyPolicies,
} from './mesh-policies.ts';
import type { PolicyChange } from './policy-change.ts';
import { edges, services } from './services.ts';

test('every edge of the topology and of the gateway has a policy', () => {
  const expected = [
    ...services.map(({ name }) => edgeNamed({ caller: 'gateway', callee: name })),
    ...edges.map(edgeNamed),
  ];
  assert.deepEqual([...topologyPolicies.keys()].sort(), expected.sort());
  assert.equal(callEdges.length, expected.length);
  assert.doesNotThrow(() => checkMeshPolicies(topologyPolicies));
});

const toProducts: CallEdge = { caller: 'orders', callee: 'products' };
const fromGateway: CallEdge = { caller: 'gateway', callee: 'orders' };

test('a change holds for its edge and for its fields only', () => {
  const policies = policiesWith([{ edge: toProducts, change: { tries: 1, per_try_timeout_ms: 500 } }]);
  const changed = policyOf(policies, toProducts);
  const before = policyOf(topologyPolicies, toProducts);
  assert.deepEqual(changed, { ...before, tries: 1, perTryTimeoutMs: 500 });
  const other: CallEdge = { caller: 'orders', callee: 'users' };
  assert.equal(policyOf(policies, other), policyOf(topologyPolicies, other));
});

const broken: readonly [string, CallEdge, PolicyChange, RegExp][] = [
  ['tries that do not fit', toProducts, { tries: 4 }, /^orders → products: 4 tries .*route/],
  ['a try as long as the call', toProducts, { tries: 1, per_try_timeout_ms: 3000 }, /one try .*route/],
  ['a call as long as the breaker', toProducts, { timeout_ms: 3200 }, /breaker\.timeoutMs/],
  ['a back-off that shrinks', toProducts, { back_off_base_ms: 80 }, /backOff\.baseMs/],
  ['an unknown condition', toProducts, { retry_on: 'reset,always' }, /retryOn names "always"/],
  ['an ejection longer than an open breaker', toProducts, { ejection_ms: 6000 }, /ejectionMs/],
  ['a gateway before the deadline', fromGateway, { timeout_ms: 3500 }, /^gateway → orders: request deadline/],
  ['a try of the gateway before it', fromGateway, { per_try_timeout_ms: 1000 }, /perTryTimeoutMs/],
  ['a second layer of retries', fromGateway, { retry_on: 'gateway-error' }, /retries live in one layer/],
  [
    'an edge nobody calls over',
    { caller: 'users', callee: 'orders' },
    { tries: 1 },
    /no call users → orders/,
  ],
];

for (const [what, edge, change, message] of broken) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => policiesWith([{ edge, change }]),
      (error) => error instanceof PolicyError && message.test(error.message),
    );
  });
}
