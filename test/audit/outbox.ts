/** Events that were set aside or lost, on real databases and a real broker: listed, and sent again by their services. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { inSnapshot } from '@microshop/control/audit/sources';
import { readMessages } from '@microshop/control/console/messages';
import { drop, replay } from '@microshop/control/dead-letters/actions';
import { deadLetterBook } from '@microshop/control/dead-letters/book';
import { connected, depthOf, eventQueues } from '@microshop/control/dead-letters/queues';
import { countOutbox, listOutboxes } from '@microshop/control/outbox/list';
import { RetryError, sendAgain } from '@microshop/control/outbox/retry';
import { createBroker, serveRetries } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue, eventRoute, outboxServices } from '@microshop/topology';
import { pino } from 'pino';
import { prunePublished } from '../../packages/events/src/outbox.ts';
import { orderIsPending } from '../../services/orders/src/store/orders.ts';
import { sendOrdersAgain } from '../../services/orders/src/store/send-again.ts';
import type { ShopServers } from './shop-servers.ts';
import { ownEvent, ownTrace, pendingThird, placeOrder, rightShop } from './wrong-states.ts';

const logger = pino({ level: 'silent' });

/** The tests; they leave a right shop. */
export async function outboxes(t: TestContext, servers: ShopServers): Promise<void> {
  const { sql, sources } = servers;
  await rightShop(sql);
  const list = (olderThanMs?: number) => listOutboxes(sources, deadLetterBook(sources), olderThanMs);
  const retryOrders = (...orderIds: number[]) =>
    sendAgain(sources, [{ service: 'orders', messageIds: [], orderIds }]);

  await t.test('a service that does not run is named', async () => {
    await assert.rejects(
      retryOrders(3),
      (error: unknown) => error instanceof RetryError && /orders does not run/.test(error.message),
    );
  });

  const broker = createBroker({ url: await sources.amqpUrl(), connectionName: 'retries', logger });
  let woken = 0;
  const wake = () => {
    woken += 1;
  };
  const retries = (['orders', 'products'] as const).map((service) =>
    serveRetries({
      service,
      sql: servers.databases[service].sql,
      broker,
      logger,
      wake,
      ...(service === 'orders' ? { sendOrdersAgain } : {}),
    }),
  );
  try {
    await eventuallyDespiteErrors('both services are asked', async () => {
      const asked = await connected(sources, async (connection) => {
        const channel = await connection.createChannel();
        channel.on('error', () => undefined);
        const queues = await Promise.all(
          ['orders.outbox', 'products.outbox'].map((one) => channel.checkQueue(one)),
        );
        return queues.every(({ consumerCount }) => consumerCount === 1);
      });
      return asked ? true : undefined;
    });

    await t.test('nothing waits, nothing is lost', async () => {
      assert.deepEqual(await list(), {
        waiting: 0,
        set_aside_count: 0,
        set_aside: [],
        lost_count: 0,
        lost: [],
        under_way: 0,
      });
    });

    await t.test('the page has every outbox and queue', async () => {
      const { outboxes, queues, lacks } = await readMessages(sources);
      assert.deepEqual(lacks, []);
      const empty = { waiting: 0, oldest_s: null, set_aside: 0 };
      assert.deepEqual(
        outboxes,
        outboxServices.map((service) => ({ service, ...empty })),
      );
      assert.deepEqual(
        queues.map(({ queue, ready, dead }) => ({ queue, ready, dead })),
        eventQueues.map((queue) => ({ queue, ready: 0, dead: 0 })),
      );
    });

    for (const service of ['orders', 'products'] as const) {
      await t.test(
        `an event that ${service} set aside is listed with its reason, and leaves again`,
        async () => {
          const id = randomUUID();
          await sql(
            service,
            `insert into outbox (message_id, type, routing_key, body, headers, failed_at, last_error)
           values ($1, 'STOCK_RESERVED', 'stock.reserved', '{"order_id": 2147483647}', '{}', now(), 'too long')`,
            [id],
          );
          const { set_aside_count: count, set_aside: setAside } = await list();
          const [row] = setAside;
          assert.deepEqual(
            [count, row?.service, row?.message_id, row?.order_id, row?.reason],
            [1, service, id, 2_147_483_647, 'too long'],
          );
          woken = 0;
          const events = await sendAgain(sources, [{ service, messageIds: [id], orderIds: [] }]);
          assert.deepEqual(events, [
            { message_id: id, type: 'STOCK_RESERVED', order_id: 2_147_483_647, anew: false },
          ]);
          assert.equal(woken, 1);
          assert.deepEqual([(await list()).waiting, (await list()).set_aside_count], [1, 0]);
          const { oldest_s: oldest } = await inSnapshot(sources, service, countOutbox);
          assert.ok(oldest !== null && oldest >= 0 && oldest < 60, `${oldest} s`);
          // a second time there is nothing to do
          assert.deepEqual(await sendAgain(sources, [{ service, messageIds: [id], orderIds: [] }]), []);
          await sql(service, 'delete from outbox');
        },
      );
    }

    await t.test(
      'an order whose event is nowhere is lost; it leaves again with its id, in its trace',
      async () => {
        await pendingThird(sql);
        const { lost_count: count, lost } = await list();
        assert.deepEqual([count, lost[0]?.order_id, lost[0]?.message_id], [1, 3, ownEvent]);
        assert.deepEqual(await retryOrders(1, 2, 3), [
          { message_id: ownEvent, type: 'ORDER_CREATED', order_id: 3, anew: false },
        ]);
        const rows = await sql<{ published: boolean; trace: string }>(
          'orders',
          `select published_at is not null as published, headers ->> 'traceparent' as trace from outbox`,
        );
        assert.deepEqual(
          rows.map(({ published }) => published),
          [false],
        );
        assert.match(rows[0]?.trace ?? '', new RegExp(ownTrace));
        // it is on its way now
        assert.deepEqual([(await list()).waiting, (await list()).lost_count], [1, 0]);
        await rightShop(sql);
      },
    );

    await t.test('an event that its outbox has forgotten is written again from the order, once', async () => {
      await placeOrder(sql, 'PENDING');
      assert.deepEqual(
        (await list()).lost.map((row) => [row.order_id, row.message_id]),
        [[3, null]],
      );
      const [event] = await retryOrders(3);
      assert.deepEqual([event?.order_id, event?.anew], [3, true]);
      const rows = await sql<{ body: unknown; routing_key: string }>(
        'orders',
        'select body, routing_key from outbox',
      );
      assert.deepEqual(rows, [
        {
          body: { order_id: 3, user_id: 1, items: [{ product_id: 1, quantity: 2 }], total_price: 2 },
          routing_key: 'order.created',
        },
      ]);
      assert.deepEqual(await retryOrders(3), []);
      await rightShop(sql);
    });

    await t.test('what is young, in a queue or in a dead-letter queue is not lost', async () => {
      await pendingThird(sql);
      assert.equal((await list(86_400_000)).lost_count, 0);
      const put = (queue: string) =>
        connected(sources, async (connection) => {
          const channel = await connection.createConfirmChannel();
          channel.sendToQueue(queue, Buffer.from('{"order_id":3}'), {
            messageId: ownEvent,
            type: 'ORDER_CREATED',
          });
          await channel.waitForConfirms();
        });
      const { queue } = eventRoute('ORDER_CREATED');
      for (const [where, underWay] of [
        [deadLetterQueue(queue), 0],
        [queue, 1],
      ] as const) {
        await put(where);
        const { lost_count: count, under_way } = await list();
        assert.deepEqual([count, under_way], [0, underWay]);
        await connected(sources, async (connection) => {
          await (await connection.createChannel()).purgeQueue(where);
        });
      }
      assert.equal((await list()).lost_count, 1);
      await rightShop(sql);
    });

    await t.test(
      'a dead letter with more headers than a client sends goes again, and holds up no other',
      async () => {
        const { queue } = eventRoute('ORDER_CREATED');
        const big = Object.fromEntries(
          Array.from({ length: 9 }, (_, index) => [`h${index}`, 'a'.repeat(9000)]),
        );
        const { username, password } = await sources.brokerCredentials();
        const traceparent = `00-${ownTrace}-b7ad6b7169203331-01`;
        for (const [messageId, headers] of [
          [ownEvent, { ...big, traceparent }],
          [randomUUID(), { traceparent }],
        ] as const) {
          // the broker's own interface takes what amqplib cannot encode
          const response = await fetch(`${sources.managementUrl}/api/exchanges/%2F/amq.default/publish`, {
            method: 'POST',
            headers: {
              authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
              'content-type': 'application/json',
            },
            body: JSON.stringify({
              properties: { message_id: messageId, type: 'ORDER_CREATED', headers },
              routing_key: deadLetterQueue(queue),
              payload: '{}',
              payload_encoding: 'string',
            }),
          });
          assert.deepEqual([response.status, await response.json()], [200, { routed: true }]);
        }
        const results = await replay(deadLetterBook(sources), 'all');
        assert.equal(results.length, 2);
        await connected(sources, async (connection) => {
          const channel = await connection.createChannel();
          const sent = await channel.get(queue);
          assert.ok(sent !== false);
          assert.equal(sent.properties.messageId, ownEvent);
          assert.deepEqual(sent.properties.headers, { traceparent, 'x-delivery-count': 0 });
          await channel.purgeQueue(queue);
          assert.equal((await channel.checkQueue(deadLetterQueue(queue))).messageCount, 0);
          // so that the message in our hands goes, too
          channel.ack(sent);
          await channel.close();
        });
      },
    );

    await t.test('dead letters that are dropped together are all gone', async () => {
      const target = deadLetterQueue(eventRoute('ORDER_CREATED').queue);
      const count = 100;
      await connected(sources, async (connection) => {
        const channel = await connection.createConfirmChannel();
        for (let sent = 0; sent < count; sent += 1) channel.sendToQueue(target, Buffer.from('{}'));
        await channel.waitForConfirms();
      });
      assert.equal((await drop(deadLetterBook(sources), 'all', 'a test')).length, count);
      const left = await connected(sources, (connection) => depthOf(connection, target));
      assert.equal(left, 0);
    });

    await t.test('a published event is kept until its order has ended', async () => {
      await pendingThird(sql);
      await sql(
        'orders',
        `insert into outbox (message_id, type, routing_key, body, headers, published_at)
         values (gen_random_uuid(), 'ORDER_CREATED', 'order.created', '{"order_id": 1}', '{}', now() - interval '1 hour')`,
      );
      await prunePublished(servers.databases.orders.sql, orderIsPending);
      const kept = await sql<{ message_id: string }>('orders', 'select message_id from outbox');
      assert.deepEqual(kept, [{ message_id: ownEvent }]);
      await sql('orders', `update orders set status = 'CONFIRMED', ended_at = now() where id = 3`);
      await prunePublished(servers.databases.orders.sql, orderIsPending);
      assert.deepEqual(await sql('orders', 'select message_id from outbox'), []);
      await rightShop(sql);
    });
  } finally {
    for (const one of retries) await one.close();
    await broker.close();
  }
}
