import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify from 'fastify';
import type { TraceReader } from '../trace/jaeger.ts';
import type { Span } from '../trace/span.ts';
import { recordedOrder } from '../trace/testing/recorded.ts';
import { type Checker, startChecker } from './checker.ts';
import type { Figure } from './figure.ts';

const recorded = recordedOrder();
const withoutProducts = recorded.filter((span) => span.service !== 'products');

/** A store of traces whose content the test changes. */
interface Store {
  spans: readonly Span[];
  away: boolean;
}

/** A checker in a hurry over that store, which holds one order. */
function check(t: TestContext, store: Store, hasEnded: () => boolean): Checker {
  const read = async (): Promise<Span[]> => {
    if (store.away) throw new Error('away');
    // the recorded order is old; here it was placed just now
    return store.spans.map((span) => ({ ...span, start_us: span.start_us - origin + placedUs }));
  };
  const origin = recorded[0]?.start_us ?? 0;
  const placedUs = Date.now() * 1000;
  const reader: TraceReader = {
    trace: read,
    traces: async () => [await read()],
    traceOfOrder: read,
    ordersPlaced: async () => {
      const spans = await read();
      return spans.length === 0 ? [] : [spans];
    },
  };
  const checker = startChecker({
    traces: reader,
    hasEnded: async () => hasEnded(),
    gaps: async () => [],
    log: Fastify().log,
    limits: { everyMs: 5, settleMs: 20 },
  });
  t.after(() => checker.close());
  return checker;
}

async function until(checker: Checker, reached: (figure: Figure) => boolean): Promise<Figure> {
  const end = Date.now() + 10_000;
  while (!reached(checker.figure())) {
    assert.ok(Date.now() < end, JSON.stringify(checker.figure()));
    await delay(5);
  }
  return checker.figure();
}

test('an order is counted once, however often it is found', async (t) => {
  const checker = check(t, { spans: recorded, away: false }, () => true);
  await until(checker, ({ orders }) => orders.complete > 0);
  await delay(50);
  assert.deepEqual(checker.figure().orders, { complete: 1, incomplete: 0, unprovable: 0, waiting: 0 });
});

test('an order that has not ended waits, and is whole when its last spans are there', async (t) => {
  const store: Store = { spans: withoutProducts, away: false };
  const checker = check(t, store, () => false);
  const waiting = await until(checker, ({ orders }) => orders.waiting > 0);
  assert.equal(waiting.ratio, null);
  store.spans = recorded;
  assert.equal((await until(checker, ({ orders }) => orders.waiting === 0)).ratio, 1);
});

test('an order that has ended without a whole trace is incomplete, with what is missing', async (t) => {
  const checker = check(t, { spans: withoutProducts, away: false }, () => true);
  const figure = await until(checker, ({ orders }) => orders.incomplete > 0);
  assert.equal(figure.ratio, 0);
  assert.ok(figure.missing.some(({ hop }) => hop === 'products processes ORDER_CREATED'));
});

test('a Jaeger that is away stops nothing', async (t) => {
  const store: Store = { spans: recorded, away: true };
  const checker = check(t, store, () => true);
  await delay(50);
  assert.equal(checker.figure().ratio, null);
  store.away = false;
  assert.equal((await until(checker, ({ orders }) => orders.complete > 0)).ratio, 1);
});
