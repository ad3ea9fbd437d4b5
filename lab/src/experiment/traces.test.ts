import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '@microshop/control/trace/verdict';
import { judgeTraces } from './traces.ts';

/** A trace of which only this is asked. */
function trace(complete: boolean, missing: string[] = []): Verdict {
  return {
    trace_id: 'x',
    of: 'order',
    order_id: 1,
    complete,
    missing,
    roots: complete ? 1 : 2,
    orphans: complete ? 0 : 1,
    spans: [],
  };
}

test('traces are complete, incomplete, or not judged', async () => {
  const control = {
    trace: async (id: string) => {
      if (id === 'unknown') throw new Error('Jaeger does not answer');
      return id === 'whole' ? trace(true) : trace(false, id === 'relay' ? ['the relay'] : []);
    },
  };
  const {
    missing,
    incomplete_ids: ids,
    ...counts
  } = await judgeTraces(control, ['whole', 'relay', 'torn', 'unknown', 'whole'], 5);
  assert.deepEqual(counts, { complete: 2, incomplete: 2, unjudged: 1 });
  assert.deepEqual([...ids].sort(), ['relay', 'torn']);
  assert.deepEqual([...missing].sort(), [
    'relay lacks the relay',
    'torn lacks the parents of 1 spans, or has 2 roots',
  ]);
});

test('one whose last spans are on their way is judged again', async () => {
  let asked = 0;
  const control = {
    trace: async () => {
      asked += 1;
      return trace(asked > 2);
    },
  };
  assert.deepEqual(await judgeTraces(control, ['late'], 5000), {
    complete: 1,
    incomplete: 0,
    unjudged: 0,
    missing: [],
    incomplete_ids: [],
  });
  assert.equal(asked, 3);
});
