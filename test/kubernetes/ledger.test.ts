import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresIn } from './ledger.ts';

test('what counts as a failure: whatever is no acceptance, a refusal as well', () => {
  const lines = [0, 201, 429, 503, 504].map((status) => ({
    key: String(status),
    order_id: null,
    status,
    trace_id: '',
    t: 0,
  }));
  assert.deepEqual(
    failuresIn([{ lines }]).map(({ status }) => status),
    [0, 429, 503, 504],
  );
});
