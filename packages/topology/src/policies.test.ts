import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicies, edgePolicy, gatewayPolicy, requestDeadlineMs } from './policies.ts';

test('every inner limit ends before the one around it', () => {
  assert.doesNotThrow(() => checkPolicies(edgePolicy, requestDeadlineMs, gatewayPolicy.timeoutMs));
});

const broken = [
  [
    'attempts that do not fit the route',
    { ...edgePolicy, tries: 4 },
    requestDeadlineMs,
    gatewayPolicy.timeoutMs,
    /4 attempts .* timeout_ms/,
  ],
  [
    'a route as long as the breaker',
    { ...edgePolicy, timeoutMs: 3200 },
    requestDeadlineMs,
    gatewayPolicy.timeoutMs,
    /breaker_timeout_ms/,
  ],
  ['a deadline before the breaker', edgePolicy, 3000, gatewayPolicy.timeoutMs, /deadline/],
  ['a gateway before the deadline', edgePolicy, requestDeadlineMs, 3000, /gateway/],
] as const;

for (const [what, policy, deadlineMs, gatewayMs, message] of broken) {
  test(`refused: ${what}`, () => {
    assert.throws(() => checkPolicies(policy, deadlineMs, gatewayMs), message);
  });
}
