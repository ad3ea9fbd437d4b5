/** Events lost with the broker's data: the order stands, and a command brings it to its end. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventExchange, eventRoute } from '@microshop/topology';
import { assertSound, auditOf } from '../harness/audit.ts';
import { onChannel } from '../harness/broker.ts';
import { type Bought, buy } from '../harness/buyer.ts';
import { untilAnswered } from '../harness/buying.ts';
import { unfolded } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, request, stockOf } from '../harness/shop.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

type Type = 'ORDER_CREATED' | 'STOCK_RESERVED' | 'STOCK_REJECTED';

/** Events of that type are confirmed by the broker during the work, and then gone. */
async function losing<T>(type: Type, work: () => Promise<T>): Promise<T> {
  const { queue, routingKey } = eventRoute(type);
  return await onChannel(async (channel) => {
    const { queue: doomed } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(doomed, eventExchange, routingKey);
    await channel.unbindQueue(queue, eventExchange, routingKey);
    try {
      const result = await work();
      await eventuallyDespiteErrors('the event is in the queue that goes', async () =>
        (await channel.checkQueue(doomed)).messageCount > 0 ? true : undefined,
      );
      return result;
    } finally {
      await channel.bindQueue(queue, eventExchange, routingKey);
    }
  });
}

async function order(productId: number): Promise<Bought> {
  return await buy(
    { user_id: user.id, product_id: productId, quantity: 10 },
    { patienceMs: 120_000, again: untilAnswered },
  );
}

/** An order whose event of that type was lost. */
async function orderThatLost(type: Type, productId: number): Promise<Bought> {
  return await losing(type, async () => {
    if (type !== 'STOCK_REJECTED') return await order(productId);
    // most of the stock goes between the order and its event, which waits for products' inbox
    return await mesh.locked('products', 'inbox', async () => {
      const placed = await order(productId);
      const taken = await request('POST', `/api/products/${productId}/stock`, {
        delta: -9,
        reason: 'broken',
      });
      assert.equal(taken.status, 200);
      return placed;
    });
  });
}

const cases = [
  ['ORDER_CREATED', 'CONFIRMED', 0],
  ['STOCK_RESERVED', 'CONFIRMED', 0],
  ['STOCK_REJECTED', 'REJECTED', 1],
] as const;

// all at once, because an audit waits its whole time for orders that do not end
test('an event of each type lost: the orders are listed, and end once it is sent again', async (t) => {
  const lost: { type: Type; end: string; left: number; productId: number; bought: Bought; id: number }[] = [];
  for (const [type, end, left] of cases) {
    const { id: productId } = await newProduct(10);
    const bought = await orderThatLost(type, productId);
    lost.push({ type, end, left, productId, bought, id: bought.last?.body.id ?? 0 });
  }
  const all = lost.map(({ bought }) => bought);

  const before = await auditOf(all, 12_000);
  assert.deepEqual([...(before.ids['stuck'] ?? [])].sort(), lost.map(({ id }) => `order ${id}`).sort());
  const listed = await mesh.cli(['outbox', 'list', '--older-than', '1s']);
  const retried = await mesh.cli(['outbox', 'retry', '--lost', '--older-than', '1s']);
  assert.equal(retried.code, 0, retried.stderr);

  for (const { type, end, left, productId, id } of lost) {
    await t.test(`${type} lost: the order ends ${end}`, async () => {
      assert.match(listed.stdout, new RegExp(`lost +ORDER_CREATED +${id} `));
      assert.match(retried.stdout, new RegExp(`^ORDER_CREATED .* of order ${id}: sent again$`, 'm'));
      assert.equal((await endOf(id)).status, end);
      assert.equal(await stockOf(productId), left);
    });
  }
  await assertSound(all);
});

test('wrong usage of outbox is reported', async () => {
  const wrong = [
    [['retry'], /--set-aside or --lost/],
    [['retry', 'x1'], /neither/],
    [['list', '--older-than', '5'], /--older-than/],
  ] as const;
  await Promise.all(
    wrong.map(async ([args, message]) => {
      const { code, stderr } = await mesh.cli(['outbox', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }),
  );
  const unknown = await mesh.cli(['outbox', 'retry', '00000000-0000-4000-8000-00000000dead']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /was set aside/);
  const noOrder = await mesh.cli(['outbox', 'retry', '2147483647', '--json']);
  assert.equal(noOrder.code, 1);
  assert.match(unfolded(noOrder.stderr), /Nothing was sent for 2147483647: only an order that exists/);
  assert.deepEqual(JSON.parse(noOrder.stdout), { events: [], not_sent: ['2147483647'] });
});
