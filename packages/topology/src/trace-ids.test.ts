import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTraceId, noTraceId, traceIdIn } from './trace-ids.ts';

const id = '0af7651916cd43dd8448eb211c80319c';

test('the trace id in a traceparent header is one that has its form, and what is no header has none', () => {
  assert.equal(traceIdIn(`00-${id}-b7ad6b7169203331-01`), id);
  assert.ok(isTraceId(id) && isTraceId(noTraceId));
  for (const other of ['', id, `00-${id}`, `00-${id}a-1-1`, `00-${id.toUpperCase()}-1-1`, `x-${id}-1-1`]) {
    assert.equal(traceIdIn(other), undefined, other);
  }
});
