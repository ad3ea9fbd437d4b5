import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  edgePolicy,
  gatewayPolicy,
  labOrigin,
  originHeader,
  origins,
  problemTitles,
  requestDeadlineMs,
  traceIdHeader,
} from '@microshop/topology';
import * as contract from './contract.ts';

test('the limits of the scenarios are those of the topology', () => {
  assert.deepEqual(
    {
      requestDeadlineMs: contract.requestDeadlineMs,
      gatewayTimeoutMs: contract.gatewayTimeoutMs,
      perTryTimeoutMs: contract.perTryTimeoutMs,
      traceIdHeader: contract.traceIdHeader,
      originHeader: contract.originHeader,
      labOrigin: contract.origins.own,
    },
    {
      requestDeadlineMs,
      gatewayTimeoutMs: gatewayPolicy.timeoutMs,
      perTryTimeoutMs: edgePolicy.perTryTimeoutMs,
      traceIdHeader,
      originHeader,
      labOrigin,
    },
  );
  assert.ok(origins.includes(contract.origins.order));
});

test('the codes of the scenarios are those of the topology', () => {
  assert.deepEqual([...contract.problemCodes], Object.keys(problemTitles));
});

test('a code nobody knows becomes one tag value, whatever it is', () => {
  assert.equal(contract.failureCode('breaker_open'), 'breaker_open');
  assert.equal(contract.failureCode('order 17 is odd'), 'other');
  assert.equal(contract.failureCode(undefined), 'other');
});
