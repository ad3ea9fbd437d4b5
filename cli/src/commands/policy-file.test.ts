import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceLines } from './policy-file.ts';

const call = { caller: 'orders', callee: 'products' } as const;

test('what a file changed is a table; a text stands below it, whatever its length', () => {
  assert.deepEqual(
    differenceLines([
      { ...call, field: 'tries', before: 3, after: 2 },
      { ...call, field: 'retry_on', before: 'gateway-error,connect-failure,refused-stream', after: '5xx' },
      { ...call, field: 'per_try_timeout_ms', before: null, after: 900 },
    ]),
    [
      'call               field               before  now',
      'orders → products  tries               3       2',
      'orders → products  per_try_timeout_ms  –       900',
      'orders → products  retry_on',
      '  before gateway-error,connect-failure,refused-stream',
      '  now    5xx',
    ],
  );
  assert.deepEqual(
    differenceLines([{ ...call, field: 'retry_on', before: 'reset', after: '5xx' }]).length,
    3,
  );
  assert.deepEqual(differenceLines([]), ['Nothing changed: these policies were in effect before']);
});
