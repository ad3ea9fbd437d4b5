/** Alerts are seen firing when their cause is there, and resolving when it is gone. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { firing } from '../harness/alerts.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, orderPlaced, placeOrder } from '../harness/shop.ts';

/**
 * Time an alert may take to fire or to resolve, milliseconds: the longest short window is a minute, scrape and evaluation 5 s each,
 * and what a busy machine makes late burns the budget, too.
 */
const alertDeadlineMs = 240_000;

/** Pause between two orders, milliseconds. */
const pauseMs = 100;

let user: { id: number };
let product: { id: number };
before(async () => {
  user = await newUser();
  product = await newProduct(10_000);
});

const order = () => ({ user_id: user.id, product_id: product.id, quantity: 1 });

/** Places orders, one after the other, until that is so; statuses of those that a busy machine let answer in time. */
async function orderUntil(what: string, reached: () => Promise<boolean>): Promise<Set<number>> {
  const statuses = new Set<number>();
  const ending = new AbortController();
  const ordering = (async () => {
    while (!ending.signal.aborted) {
      const answer = await placeOrder(order());
      if (answer.body.code !== 'deadline_exceeded') statuses.add(answer.status);
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

/** Whether the alert of the breaker of orders → products fires; a busy machine may open another one, too. */
async function breakerIsOpen(): Promise<boolean> {
  const breakers = await firing('BreakerOpen');
  return breakers.some((labels) => labels['shop_caller'] === 'orders' && labels['shop_peer'] === 'products');
}

/** Waits until no outbox holds an event: what a busy machine has left there would be stuck with what is placed next. */
async function everyEventHasLeft(): Promise<void> {
  const waiting = `select 1 from outbox where published_at is null and failed_at is null limit 1`;
  await eventuallyDespiteErrors('every event has left', async () => {
    const pending = await mesh.sql('orders_db', `select 1 from orders where status = 'PENDING' limit 1`);
    const rows = await Promise.all(['orders_db', 'products_db'].map((name) => mesh.sql(name, waiting)));
    return [pending, ...rows].every((found) => found.length === 0);
  });
}

test('products down: the breaker opens and the budget burns; the breaker closes when it is back', async () => {
  await orderUntil('nothing fires before', async () =>
    (await Promise.all(['BreakerOpen', 'PlaceOrderErrorsBurnsFast'].map((name) => silent(name)()))).every(
      Boolean,
    ),
  );
  await mesh.stop('products');
  try {
    await orderUntil('BreakerOpen fires for orders → products', breakerIsOpen);
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
  await everyEventHasLeft();
  await mesh.stop('rabbitmq');
  let orderId: number;
  try {
    orderId = (await orderPlaced(order())).body.id;
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
  assert.equal((await endOf(orderId)).status, 'CONFIRMED');
});

// At the end, because its short window is a minute long: the test of RabbitMQ has run meanwhile.
test('the budget no longer burns, now that products has been back for a while', async () => {
  await orderUntil('PlaceOrderErrorsBurnsFast is over', silent('PlaceOrderErrorsBurnsFast'));
});
