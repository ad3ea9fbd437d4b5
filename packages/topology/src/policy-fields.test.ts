import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgePolicy, gatewayPolicy } from './policies.ts';
import { changedPolicy, policyFieldList, policyValues, possibleFields } from './policy-fields.ts';

const other = (value: number | string | null) => (typeof value === 'number' ? value + 1 : 'reset');

for (const { name, read } of policyFieldList) {
  test(`${name}: what is written is read again, and nothing else changes`, () => {
    // one that services have not is the gateway's
    const policy = read(edgePolicy) === null ? gatewayPolicy : edgePolicy;
    const value = other(read(policy));
    const before = policyValues(policy);
    assert.deepEqual(policyValues(changedPolicy(policy, { [name]: value })), { ...before, [name]: value });
    assert.deepEqual(policyValues(policy), before);
  });
}

test('every value of a policy is a field, except one that cannot be changed', () => {
  const leaves = (part: object): unknown[] =>
    Object.values(part).flatMap((value) =>
      typeof value === 'object' && value !== null ? leaves(value) : [value],
    );
  const { intervalMs, ...outlierDetection } = edgePolicy.outlierDetection;
  assert.ok(intervalMs > 0);
  const { rateLimit } = gatewayPolicy;
  assert.deepEqual(
    Object.entries(policyValues(edgePolicy))
      .map(([name, value]) => String(value ?? policyValues(gatewayPolicy)[name]))
      .sort(),
    leaves({ ...edgePolicy, outlierDetection, rateLimit })
      .map(String)
      .sort(),
  );
});

test("the topology's own values are within the limits of their fields", () => {
  for (const policy of [edgePolicy, gatewayPolicy]) {
    for (const field of policyFieldList) {
      const value = field.read(policy);
      if (typeof value === 'string') assert.ok(value.length <= field.most, field.name);
      if (typeof value !== 'number' || field.kind === 'text') continue;
      assert.ok(value >= field.least && value <= field.most, field.name);
    }
  }
});

/** Whether the app of the caller does it, and not its Envoy: only services have such an app. */
const isOfApp = (name: string) => name.startsWith('breaker_') || name === 'app_attempts';

test('a breaker that is not there cannot be changed, whichever of its fields it is', () => {
  const ofBreaker = policyFieldList.filter(({ name }) => isOfApp(name));
  assert.equal(ofBreaker.length, Object.keys(edgePolicy.breaker).length);
  for (const { name } of ofBreaker) {
    assert.throws(() => changedPolicy(gatewayPolicy, { [name]: 5 }), {
      message: `${name} cannot be changed: only calls between services have a breaker`,
    });
  }
});

test('a policy can have every field but those of a breaker or a limit on the rate that it has not', () => {
  const names = (policy: Parameters<typeof possibleFields>[0]) =>
    possibleFields(policy).map(({ name }) => name);
  const all = policyFieldList.map(({ name }) => name);
  const ofGateway = 'rate_limit_per_s';
  assert.deepEqual(
    names(edgePolicy),
    all.filter((name) => name !== ofGateway),
  );
  assert.deepEqual(
    names(gatewayPolicy),
    all.filter((name) => !isOfApp(name)),
  );
});

test('options and names are told apart', () => {
  assert.equal(new Set(policyFieldList.map(({ flag }) => flag)).size, policyFieldList.length);
  assert.deepEqual(
    policyFieldList.filter(({ description }) => description === ''),
    [],
  );
});
