import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  breakersOf,
  type CallEdge,
  callEdges,
  checkMeshPolicies,
  edgeBetween,
  edgeNamed,
  edgePolicyTo,
  PolicyError,
  policiesWith,
  policyOf,
  topologyPolicies,
} from './mesh-policies.ts';
import { edgePolicy } from './policies.ts';
import { type PolicyChange, policyValues } from './policy-fields.ts';
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

test('the breakers of a service are those of the calls it makes, as they are changed', () => {
  const policies = policiesWith([{ edge: toProducts, change: { breaker_capacity: 7, breaker_volume: 5 } }]);
  const { breaker } = edgePolicyTo('products');
  assert.deepEqual(breakersOf(policies, 'orders'), {
    users: edgePolicyTo('users').breaker,
    products: { ...breaker, capacity: 7, volumeThreshold: 5 },
  });
  assert.deepEqual(breakersOf(policies, 'users'), {});
});

test('every field of a breaker can be changed, and is reported by the name it is changed by', () => {
  const change = {
    ...{ breaker_timeout_ms: 3100, breaker_volume: 5, breaker_error_percent: 20 },
    ...{ breaker_window_ms: 2000, breaker_reset_ms: 6000, breaker_capacity: 7 },
  };
  const told = policyValues(policyOf(policiesWith([{ edge: toProducts, change }]), toProducts));
  assert.deepEqual({ ...told, ...change }, told);
});

test('a change holds for its edge and for its fields only', () => {
  const policies = policiesWith([{ edge: toProducts, change: { tries: 1, per_try_timeout_ms: 500 } }]);
  const changed = policyOf(policies, toProducts);
  const before = policyOf(topologyPolicies, toProducts);
  assert.deepEqual(changed, { ...before, tries: 1, perTryTimeoutMs: 500 });
  const other: CallEdge = { caller: 'orders', callee: 'users' };
  assert.equal(policyOf(policies, other), policyOf(topologyPolicies, other));
});

test('a call that no service makes is reported with those that exist', () => {
  assert.deepEqual(edgeBetween('orders', 'products'), toProducts);
  assert.throws(
    () => edgeBetween('gateway', 'nope'),
    (error) =>
      error instanceof PolicyError &&
      /^The topology has no call gateway → nope; its calls are gateway → /.test(error.message),
  );
});

const broken: readonly [string, CallEdge, PolicyChange, RegExp][] = [
  [
    'attempts that do not fit',
    toProducts,
    { tries: 4 },
    /^orders → products: 4 attempts of 900 ms with their back-offs \(3825 ms\) must end before timeout_ms \(3000 ms\)$/,
  ],
  [
    'an attempt as long as the call',
    toProducts,
    { tries: 1, per_try_timeout_ms: 5000 },
    /^orders → products: per_try_timeout_ms \(5000 ms\) must end before timeout_ms \(3000 ms\)$/,
  ],
  [
    'a call as long as the breaker',
    toProducts,
    { timeout_ms: 3200 },
    /timeout_ms \(3200 ms\) must end before breaker_timeout_ms/,
  ],
  ['a back-off that shrinks', toProducts, { back_off_base_ms: 80 }, /back_off_base_ms/],
  ['an unknown condition', toProducts, { retry_on: 'reset,always' }, /retry_on names "always"/],
  ['an ejection longer than an open breaker', toProducts, { ejection_ms: 6000 }, /ejection_ms \(6000 ms\)/],
  [
    'a breaker that ends before the call',
    toProducts,
    { breaker_timeout_ms: 3000 },
    /: timeout_ms .*breaker_timeout_ms/,
  ],
  [
    'a breaker as long as the deadline',
    toProducts,
    { breaker_timeout_ms: 3500 },
    /breaker.*request deadline/,
  ],
  [
    'a breaker open for less than an ejection',
    toProducts,
    { breaker_reset_ms: 4999 },
    /breaker_reset_ms \(4999 ms\)/,
  ],
  [
    'an app that retries as well',
    toProducts,
    { app_attempts: 2 },
    /^orders → products: app_attempts \(2\) must be 1: retries live in one layer/,
  ],
  ['a window of no length', toProducts, { breaker_window_ms: 99 }, /breaker_window_ms \(99 ms\)/],
  [
    'a breaker where there is none',
    fromGateway,
    { breaker_capacity: 5 },
    /^gateway → orders: breaker_capacity cannot be changed: only calls between services have a breaker/,
  ],
  ['a gateway before the deadline', fromGateway, { timeout_ms: 3500 }, /^gateway → orders: request deadline/],
  [
    'an attempt of the gateway before it',
    fromGateway,
    { per_try_timeout_ms: 1000 },
    /before per_try_timeout_ms of the gateway/,
  ],
  [
    'attempts of the gateway that do not fit',
    fromGateway,
    { tries: 10, timeout_ms: 600_000, per_try_timeout_ms: 60_000 },
    /^gateway → orders: 10 attempts of 60000 ms .* \(602250 ms\) must end before timeout_ms \(600000 ms\)$/,
  ],
  ['a second layer of retries', fromGateway, { retry_on: 'gateway-error' }, /retries live in one layer/],
  ['an edge without calls', { caller: 'users', callee: 'orders' }, { tries: 1 }, /no call users → orders/],
];

for (const [what, edge, change, message] of broken) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => policiesWith([{ edge, change }]),
      (error) => error instanceof PolicyError && message.test(error.message),
    );
  });
}

test('a call to a service that calls others is not retried, and its one attempt fits in the call', () => {
  const { tries, perTryTimeoutMs, timeoutMs } = edgePolicyTo('orders');
  assert.equal(tries, 1);
  assert.ok(perTryTimeoutMs < timeoutMs && perTryTimeoutMs > edgePolicy.perTryTimeoutMs);
  assert.equal(edgePolicyTo('users'), edgePolicy);
});
