/** Alerts are seen firing when their cause is there, and resolving when it is gone. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { firing } from '../harness/alerts.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';

/** Time an alert may take to fire or to resolve: the longest short window is a minute, scrape and evaluation 5 s each. */
const alertDeadlineMs = 120_000;

/** Pause between two orders, milliseconds. */
const pauseMs = 100;

let user: { id: number };
let product: { id: number };
before(async () => {
  user = await newUser();
  product = await newProduct(10_000);
});

const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

/** Places orders, one after the other, until that is so. */
async function orderUntil(what: string, reached: () => Promise<boolean>): Promise<Set<number>> {
  const statuses = new Set<number>();
  const ending = new AbortController();
  const ordering = (async () => {
    while (!ending.signal.aborted) {
      statuses.add((await place()).status);
      await delay(pauseMs);
    }
  })();
  try {
    await eventuallyDespiteErrors(what, async () => ((await reached()) ? true : undefined), alertDeadlineMs);
  } finally {
    ending.abort();
    await ordering;
  }
  return statuses;
}

const fires = (name: string) => async () => (await firing(name)).length > 0;
const silent = (name: string) => async () => (await firing(name)).length === 0;

test('products down: the breaker opens and the budget burns; the breaker closes when it is back', async () => {
  await orderUntil('nothing fires before', async () =>
    (await Promise.all(['BreakerOpen', 'PlaceOrderErrorsBurnsFast'].map((name) => silent(name)()))).every(
      Boolean,
    ),
  );
  await mesh.stop('products');
  try {
    await orderUntil('BreakerOpen fires', fires('BreakerOpen'));
    const [breaker] = await firing('BreakerOpen');
    assert.deepEqual([breaker?.['shop_caller'], breaker?.['shop_peer']], ['orders', 'products']);
    const statuses = await orderUntil('PlaceOrderErrorsBurnsFast fires', fires('PlaceOrderErrorsBurnsFast'));
    assert.deepEqual([...statuses], [503]);
  } finally {
    await mesh.start('products');
  }
  await orderUntil('BreakerOpen is over', silent('BreakerOpen'));
});

test('RabbitMQ down: the outbox is stuck, and empties when it is back', async () => {
  await eventuallyDespiteErrors(
    'nothing is stuck before',
    async () => ((await silent('OutboxStuck')()) ? true : undefined),
    alertDeadlineMs,
  );
  await mesh.stop('rabbitmq');
  let orderId: number;
  try {
    const { status, body } = await place();
    assert.equal(status, 201);
    orderId = body.id;
    await eventuallyDespiteErrors(
      'OutboxStuck fires',
      async () => ((await fires('OutboxStuck')()) ? true : undefined),
      alertDeadlineMs,
    );
    assert.deepEqual(
      (await firing('OutboxStuck')).map((labels) => labels['service_name']),
      ['orders'],
    );
  } finally {
    await mesh.start('rabbitmq');
  }
  await eventuallyDespiteErrors(
    'OutboxStuck is over',
    async () => ((await silent('OutboxStuck')()) ? true : undefined),
    alertDeadlineMs,
  );
  assert.equal((await endOf(orderId, 60_000)).status, 'CONFIRMED');
});

// At the end, because its short window is a minute long: the test of RabbitMQ has run meanwhile.
test('the budget no longer burns, now that products has been back for a while', async () => {
  await orderUntil('PlaceOrderErrorsBurnsFast is over', silent('PlaceOrderErrorsBurnsFast'));
});
