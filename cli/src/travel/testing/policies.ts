/** Random policies of the whole mesh that fit together, for properties that must hold for all of them. */

import { recordsWith } from '@microshop/control/changes/policy-values';
import type { PolicyRecord } from '@microshop/control/changes/schemas';
import {
  type CallEdge,
  type CallPolicy,
  callEdges,
  policyOf,
  policyValues,
  possibleFields,
  requestDeadlineMs,
  retryConditions,
  topologyPolicies,
  unseenConditions,
} from '@microshop/topology';
import fc from 'fast-check';

/** Fields whose values depend on each other, or that have one value only. */
const dependent: readonly string[] = [
  'tries',
  'timeout_ms',
  'per_try_timeout_ms',
  'retry_on',
  'back_off_base_ms',
  'back_off_max_ms',
  'ejection_ms',
  'breaker_timeout_ms',
  'breaker_window_ms',
  'breaker_reset_ms',
  'app_attempts',
];

/** Values of all other fields, in their whole range. */
function independent(policy: CallPolicy): fc.Arbitrary<Record<string, number>> {
  const possible = possibleFields(policy).filter(({ name }) => !dependent.includes(name));
  return fc.record(
    Object.fromEntries(
      possible.flatMap((field) =>
        field.kind === 'text' ? [] : [[field.name, fc.integer({ min: field.least, max: field.most })]],
      ),
    ),
  );
}

/** A number between two others that are not known yet; `part` of 1000 of the way. */
const between = (least: number, most: number, part: number) =>
  least + Math.floor(((most - least) * part) / 1000);

const part = fc.integer({ min: 0, max: 1000 });

/** Values of a call between services, each limit within the next. */
function ofService(policy: CallPolicy): fc.Arbitrary<Record<string, number | string>> {
  return fc
    .record({
      free: independent(policy),
      tries: fc.integer({ min: 1, max: 4 }),
      perTry: fc.integer({ min: 1, max: 600 }),
      base: fc.integer({ min: 1, max: 100 }),
      more: fc.integer({ min: 0, max: 150 }),
      retryOn: fc.shuffledSubarray([...retryConditions], { minLength: 1 }),
      parts: fc.tuple(part, part),
      reset: fc.integer({ min: 1, max: 600_000 }),
      ejection: part,
    })
    .map(({ free, tries, perTry, base, more, retryOn, parts, reset, ejection }) => {
      const longest = tries * perTry + (tries - 1) * (base + more);
      const timeout = between(longest + 1, requestDeadlineMs - 2, parts[0]);
      return {
        ...free,
        tries,
        timeout_ms: timeout,
        per_try_timeout_ms: perTry,
        retry_on: retryOn.join(','),
        back_off_base_ms: base,
        back_off_max_ms: base + more,
        breaker_timeout_ms: between(timeout + 1, requestDeadlineMs - 1, parts[1]),
        breaker_reset_ms: reset,
        ejection_ms: between(1, reset, ejection),
      };
    });
}

/** Values of a call of the gateway; an attempt may have a limit of its own, after the deadline. */
function ofGateway(policy: CallPolicy): fc.Arbitrary<Record<string, number | string>> {
  return fc
    .record({
      free: independent(policy),
      tries: fc.integer({ min: 1, max: 4 }),
      timeout: fc.integer({ min: requestDeadlineMs + 1, max: 60_000 }),
      perTry: fc.option(fc.integer({ min: requestDeadlineMs + 1, max: 20_000 })),
      base: fc.integer({ min: 1, max: 100 }),
      more: fc.integer({ min: 0, max: 150 }),
      retryOn: fc.shuffledSubarray([...unseenConditions], { minLength: 1 }),
      ejection: fc.integer({ min: 1, max: 600_000 }),
    })
    .map(({ free, tries, timeout, perTry, base, more, retryOn, ejection }) => {
      const fits = perTry !== null && tries * perTry + (tries - 1) * (base + more) < timeout;
      return {
        ...free,
        tries,
        timeout_ms: timeout,
        ...(fits ? { per_try_timeout_ms: perTry } : {}),
        retry_on: retryOn.join(','),
        back_off_base_ms: base,
        back_off_max_ms: base + more,
        ejection_ms: ejection,
      };
    });
}

/** What is changed beside the topology, every call of it. */
export function anyRecords(): fc.Arbitrary<PolicyRecord[]> {
  const calls = callEdges.map((edge: CallEdge) => {
    const policy = policyOf(topologyPolicies, edge);
    const values = edge.caller === 'gateway' ? ofGateway(policy) : ofService(policy);
    return values.map((changed) => ({ ...edge, policy: { ...policyValues(policy), ...changed } }));
  });
  return fc.tuple(...calls).map((all) =>
    recordsWith(
      [],
      all.map(({ caller, callee, policy }) => ({
        caller,
        callee,
        policy: Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== null)),
      })),
    ),
  );
}

/** So many of those, for what is asked too slowly for a property. */
export function someRecords(count: number): PolicyRecord[][] {
  return fc.sample(anyRecords(), count);
}
