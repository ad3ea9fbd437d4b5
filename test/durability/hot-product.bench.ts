/**
 * How much a hot product costs: orders for one product against orders spread over many, through the real consumer,
 * RabbitMQ and PostgreSQL of a running mesh. Beside it the same without batches, one transaction per order.
 *
 *     MESH_INSTANCE=1 node_modules/.bin/node test/durability/hot-product.bench.ts
 */
import { randomUUID } from 'node:crypto';
import { startConsumer } from '@microshop/events';
import { quantile } from '@microshop/lab/statistics/spread';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { orderCreatedHandler } from '../../services/products/src/events/order-created.ts';
import { migrations } from '../../services/products/src/store/migrations.ts';
import { publishAll } from '../harness/broker.ts';
import { quiet, scratchBroker, scratchDatabase, scratchQueue } from '../harness/scratch.ts';

const orders = 2000;
const products = 200;
const rounds = 3;

const [broker, queue, database] = await Promise.all([
  scratchBroker(),
  scratchQueue(),
  scratchDatabase(migrations),
]);
await database.sql.query(
  `insert into products (name, price_cents, stock) select 'product ' || n, 100, 1000000 from generate_series(1, $1) as n`,
  [products],
);
let lastOrder = 0;

/** Orders served per second, from the first delivery to the last effect. */
async function throughput(productOf: (order: number) => number, batched: boolean): Promise<number> {
  const messages = Array.from({ length: orders }, () => {
    lastOrder += 1;
    const body = { order_id: lastOrder, items: [{ product_id: productOf(lastOrder), quantity: 1 }] };
    return { content: JSON.stringify(body), messageId: randomUUID() };
  });
  await publishAll(queue.routingKey, messages, 'ORDER_CREATED');
  const [{ done } = { done: 0 }] = await database.sql.query<{ done: number }>(
    'select count(*)::integer as done from inbox',
  );
  const began = performance.now();
  const consumer = startConsumer({
    broker,
    queue: queue.name,
    sql: database.sql,
    logger: quiet,
    handlers: { ORDER_CREATED: orderCreatedHandler },
    ...(batched ? { concurrency: 1, batchSize: 100 } : { concurrency: 8, batchSize: 1 }),
  });
  await eventuallyDespiteErrors(
    'all are served',
    async () => {
      const [row] = await database.sql.query<{ count: number }>(
        'select count(*)::integer as count from inbox',
      );
      return row?.count === done + orders ? true : undefined;
    },
    120_000,
  );
  const perSecond = orders / ((performance.now() - began) / 1000);
  await consumer.close();
  return perSecond;
}

const median = (values: readonly number[]) => quantile(values, 0.5);
const hot = () => 1;
const spread = (order: number) => (order % products) + 1;

try {
  await throughput(spread, true); // warms up the pool and the compiler
  for (const batched of [true, false]) {
    // in pairs, one right after the other, so that both see the same machine
    const pairs: { hot: number; spread: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      pairs.push({ spread: await throughput(spread, batched), hot: await throughput(hot, batched) });
    }
    const ratio = median(pairs.map((pair) => pair.hot / pair.spread));
    const name = batched ? 'batches of up to 100' : 'one transaction per order, 8 at a time';
    console.log(
      `${name}: hot ${median(pairs.map((pair) => pair.hot)).toFixed(0)}/s, spread ${median(
        pairs.map((pair) => pair.spread),
      ).toFixed(0)}/s, hot ÷ spread ${ratio.toFixed(2)} (median of ${rounds} pairs of ${orders} orders)`,
    );
  }
} finally {
  await broker.close();
  await queue.remove();
  await database.close();
}
