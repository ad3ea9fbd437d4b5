import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { recordedOrder } from '../trace/testing/recorded.ts';
import { startChecker } from './routes.ts';

test('it goes on through a time without its sources, and tells that once', async (t) => {
  const lines: string[] = [];
  let unavailable = true;
  let passes = 0;
  const recorded = recordedOrder();
  const checker = startChecker({
    orders: {
      async placed({ after }) {
        passes += 1;
        if (unavailable) throw new Error('no database');
        const orders = [{ id: 2, traceId: recorded[0]?.trace_id, ageMs: 30 }];
        return { orders: after === undefined ? orders : [], cursor: '1' };
      },
      ended: async (ids) => new Map(ids.map((id) => [id, 30])),
    },
    traces: { traces: async () => [recorded], traceOfOrder: async () => recorded },
    gaps: async () => [],
    log: { info: () => lines.push('info'), warn: () => lines.push('warn') },
    limits: { everyMs: 5, settleMs: 20 },
  });
  t.after(() => checker.close());
  await eventually('it goes on without its sources', () => passes > 3, 10_000);
  assert.deepEqual(lines, ['warn']);
  assert.equal(checker.figure().ratio, null);
  unavailable = false;
  await eventually('the order is judged', () => checker.figure().ratio === 1, 10_000);
  await eventually('it logs that its sources are back', () => lines.length === 2, 10_000);
  assert.deepEqual(lines, ['warn', 'info']);
  await checker.close();
  const after = passes;
  await delay(30);
  assert.equal(passes, after);
});
