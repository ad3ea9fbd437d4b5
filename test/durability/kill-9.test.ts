/** Everything is killed once, in random order, while orders come in; each key gets exactly one order. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertSound } from '../harness/audit.ts';
import { buy } from '../harness/buyer.ts';
import { steadily, untilAnswered } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { randomFrom, seedOfRun, shuffled } from '../harness/random.ts';
import { newProduct, newUser, stockOf } from '../harness/shop.ts';

/** Length of the load, seconds; `MESH_TEST_LOAD_S=60` for a longer look. */
const loadSeconds = Number(process.env['MESH_TEST_LOAD_S'] ?? 35);

/** Orders started per second. */
const rate = 8;

/** Time a buyer asks again, milliseconds: RabbitMQ and PostgreSQL may both be starting. */
const patienceMs = 120_000;

const victims = ['orders', 'products', 'users', 'rabbitmq', 'postgres', 'redis'];
const sidecars = ['orders-sidecar', 'products-sidecar', 'users-sidecar'];

let user: { id: number };
before(async () => {
  user = await newUser();
});

test('kill -9 of each part in random order under load: as many orders as keys, each ended once', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`MESH_SEED=${seed}`);
  const random = randomFrom(seed);
  const [sidecar = 'orders-sidecar'] = shuffled(sidecars, random);
  const order = shuffled([...victims, sidecar], random);
  t.diagnostic(`killed: ${order.join(', ')}`);
  const product = await newProduct(100_000);

  const load = steadily(rate, loadSeconds * 1000, () =>
    buy({ user_id: user.id, product_id: product.id, quantity: 1 }, { patienceMs, again: untilAnswered }),
  );
  const pauseMs = (loadSeconds * 1000) / (order.length + 1);
  for (const part of order) {
    await delay(pauseMs / 2 + (random() * pauseMs) / 2);
    await mesh.killNow(part);
  }
  const bought = await load;
  await mesh.healthy();

  assert.deepEqual([...new Set(bought.map(({ last }) => last?.status))], [201]);
  const audit = await assertSound(bought);
  assert.equal(audit.attempted, bought.length);
  const [rows] = await mesh.sql<{ orders: number; keys: number }>(
    'orders_db',
    `select count(*)::integer as orders, count(distinct idempotency_key)::integer as keys
     from orders where id in (select order_id from order_lines where product_id = $1)`,
    [product.id],
  );
  assert.deepEqual(rows, { orders: bought.length, keys: bought.length });
  assert.equal(await stockOf(product.id), 100_000 - bought.length);
  const requests = bought.reduce((sum, { lines }) => sum + lines.length, 0);
  t.diagnostic(`${bought.length} keys, ${requests} requests, settled after ${audit.waited_ms} ms`);
});
