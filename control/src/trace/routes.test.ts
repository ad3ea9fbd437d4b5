import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, createService } from '@microshop/service-kit';
import type { Gap } from '../completeness/outcome.ts';
import { problemOf } from '../service/problem.ts';
import type { Order } from '../service/shop.ts';
import { shopClient } from '../service/shop.ts';
import type { TraceReader } from './jaeger.ts';
import type { OrderInTrace } from './routes.ts';
import { registerTraces } from './routes.ts';

/** A Jaeger that holds nothing. */
const empty: TraceReader = {
  trace: async () => [],
  traces: async () => [],
  traceOfOrder: async () => [],
};

/** The answer about order 7, which was placed so long ago. */
async function traceOf(ageMs: number, gaps: readonly Gap[] = []) {
  const order: Order = {
    id: 7,
    user_id: 1,
    items: [],
    total_price: 1,
    status: 'CONFIRMED',
    created_at: new Date(Date.now() - ageMs).toISOString(),
  };
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  const shop = { ...shopClient('http://127.0.0.1:1'), order: async () => order };
  registerTraces(fastify, empty, shop, { gaps: async () => gaps, orderOf: async () => undefined });
  try {
    return await fastify.inject('/api/orders/7/trace');
  } finally {
    await fastify.close();
  }
}

const traceId = 'a'.repeat(32);

/** The answer about a trace that Jaeger does not hold, of the order that the database knows in it. */
async function answerOf(orderOf: () => Promise<OrderInTrace | undefined>) {
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  registerTraces(fastify, empty, shopClient('http://127.0.0.1:1'), { gaps: async () => [], orderOf });
  try {
    const answer = await fastify.inject(`/api/traces/${traceId}`);
    assert.equal(answer.statusCode, 404);
    const { detail, wait_ms: waitMs }: { detail: string; wait_ms?: number } = answer.json();
    return { detail, waitMs };
  } finally {
    await fastify.close();
  }
}

test('a trace that nobody knows is worth a wait of seconds: a request may have been refused in it', async () => {
  for (const orderOf of [async () => undefined, () => Promise.reject(new Error('no database'))]) {
    const { detail, waitMs } = await answerOf(orderOf);
    assert.match(detail, /^Jaeger holds no trace a+, and no order was placed in it/);
    assert.equal(waitMs, 4000);
  }
});

test('the trace of an order just placed is worth a longer one, that of an old order none', async () => {
  const placed = (ageMs: number) => async () => ({ orderId: 7, placed: new Date(Date.now() - ageMs) });
  assert.deepEqual(await answerOf(placed(0)), {
    detail: `Jaeger holds no trace ${traceId} of order 7 yet`,
    waitMs: 30_000,
  });
  const { detail, waitMs } = await answerOf(placed(600_000));
  assert.match(detail, /^Jaeger has no trace of order 7, placed 2\S+: it was restarted/);
  assert.equal(waitMs, undefined);
});

test('an order older than any span on its way has no trace, at once, and the answer says why', async () => {
  const answer = await traceOf(600_000);
  assert.equal(answer.statusCode, 404);
  assert.match(answer.json().detail, /^Jaeger has no trace of order 7, placed 2\S+: it was restarted/);
});

test('an order placed before Jaeger was built has no trace, and the answer says why', async () => {
  const now = Date.now();
  const built: Gap = { service: undefined, fromMs: now - 900_000, toMs: now - 300_000 };
  const answer = await traceOf(600_000, [built]);
  assert.equal(answer.statusCode, 404);
  assert.match(
    answer.json().detail,
    /^Jaeger did not run when order 7 was placed \(2\S+\): its spans are lost$/,
  );
  assert.match((await traceOf(60_000, [built])).json().detail, /it was restarted/);
});

test('the spans of an order just placed may still be on their way', async () => {
  const answer = await traceOf(0);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.json().complete, false);
});
