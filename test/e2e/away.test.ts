/** What happens while a part is down: orders wait, or go slower, or are refused by name; none is lost. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';
import { valueNow, valuesOf } from '../harness/prometheus.ts';
import {
  accepted,
  endOf,
  inTime,
  isLate,
  newProduct,
  newUser,
  orderPlaced,
  type ProductAnswer,
  placeOrder,
  request,
  statusOf,
  stockOf,
} from '../harness/shop.ts';
import { completeTrace, spansOfOrder } from '../harness/traces.ts';

let user: { id: number };
before(async () => {
  user = await newUser();
});

/** Stops a part for the length of the work, and starts it again whatever happens. */
async function without<T>(part: string, work: () => Promise<T>): Promise<T> {
  await mesh.stop(part);
  try {
    return await work();
  } finally {
    await mesh.start(part);
  }
}

test('RabbitMQ down and products killed: the order is accepted, waits, and ends once with a whole trace', async () => {
  const product = await newProduct(10);
  const orderId = await without('rabbitmq', async () => {
    const answer = await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 3 });
    // Only what has reached Jaeger survives the kill: wait for the spans of the HTTP part.
    await eventuallyDespiteErrors('the HTTP spans of the order are in Jaeger', async () => {
      const spans = await spansOfOrder(answer.body.id);
      const seen = new Set(spans.filter((span) => span.kind === 'server').map((span) => span.service));
      const wanted = [
        'gateway',
        'orders-sidecar',
        'orders',
        'users-sidecar',
        'users',
        'products-sidecar',
        'products',
      ];
      return wanted.every((service) => seen.has(service)) ? true : undefined;
    });
    await mesh.kill('products');
    assert.equal(await statusOf(answer.body.id), 'PENDING');
    return answer.body.id;
  });

  assert.equal((await endOf(orderId)).status, 'CONFIRMED');
  assert.equal(await stockOf(product.id), 7);
  const reserved = await mesh.sql('products_db', `select delta from stock_movements where order_id = $1`, [
    orderId,
  ]);
  assert.deepEqual(reserved, [{ delta: -3 }]);
  const verdict = await completeTrace(orderId);
  assert.ok(verdict.complete, verdict.missing.join('; '));
  assert.deepEqual([verdict.roots, verdict.orphans], [1, 0]);
});

test('without Jaeger an order is placed all the same: the command succeeds and says what keeps it from drawing', async () => {
  const product = await newProduct(10);
  const args = ['order', '--user', String(user.id), '--product', String(product.id)];
  const { code, stdout, stderr } = await without('jaeger', () => mesh.cli(args));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^order \d+ is CONFIRMED$/m);
  assert.match(stdout, /^Its trace cannot be drawn: jaeger (is stopped|does not run|does not answer)/m);
  assert.doesNotMatch(stderr, /http:/);
  assert.doesNotMatch(stdout, /ECONNREFUSED|got no answer/);
});

test('without users a bare order says that it could not list them, and is refused as any order', async () => {
  const { code, stderr } = await without('users', () => mesh.cli(['order']));
  assert.equal(code, 1);
  assert.match(stderr, /^The list of users was refused \(503 dependency_unavailable\); taking number 1$/m);
  assert.match(stderr, /^mesh: POST \/api\/orders was refused: 503/m);
});

test('products down after the order was accepted: the order completes when it is back', async () => {
  const product = await newProduct(10);
  const orderId = await without('rabbitmq', async () => {
    const answer = await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 1 });
    await mesh.stop('products');
    return answer.body.id;
  });
  await eventuallyDespiteErrors('the event is with the broker', async () => {
    const rows = await mesh.sql(
      'orders_db',
      `select 1 from outbox where (body ->> 'order_id')::integer = $1 and published_at is not null`,
      [orderId],
    );
    return rows.length === 1 ? true : undefined;
  });
  assert.equal(await statusOf(orderId), 'PENDING');
  await mesh.start('products');
  assert.equal((await endOf(orderId)).status, 'CONFIRMED');
  assert.equal(await stockOf(product.id), 9);
});

test("users' app down, its sidecar up: three attempts in the trace, 503 by name, then the breaker, then well again", async () => {
  const product = await newProduct(100);
  const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

  await without('users', async () => {
    const first = await inTime(place);
    assert.equal(first.status, 503);
    assert.equal(first.body.code, 'dependency_unavailable');
    assert.equal(first.body.dependency, 'users');
    assert.ok(Number(first.headers.get('retry-after')) >= 1);

    await eventuallyDespiteErrors('the three attempts are in the trace', async () => {
      const spans = await spansOfOrder({ traceId: first.traceId });
      const calls = spans.filter(
        (span) =>
          span.service === 'orders-sidecar' &&
          span.kind === 'client' &&
          span.attributes['shop.peer'] === 'users',
      );
      return calls.length === 3 ? true : undefined;
    });

    // So many at once that within one window the breaker opens, however slow the machine is.
    const opened = await eventuallyDespiteErrors('the breaker opens', async () => {
      const answers = await Promise.all(Array.from({ length: 24 }, place));
      const inItsTime = answers.filter((answer) => answer.body.code !== 'deadline_exceeded');
      assert.ok(inItsTime.every((answer) => answer.status === 503));
      return answers.find((answer) => answer.body.code === 'breaker_open');
    });
    assert.equal(opened.body.dependency, 'users');
    assert.ok(Number(opened.headers.get('retry-after')) >= 1);
  });

  // the breaker closes after users is well
  const answer = await accepted(place);
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
});

test("products' sidecar down: 503 by name", async () => {
  const product = await newProduct(100);
  await without('products-sidecar', async () => {
    const order = { user_id: user.id, product_id: product.id, quantity: 1 };
    const answer = await inTime(() => placeOrder(order));
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.dependency],
      [503, 'dependency_unavailable', 'products'],
    );
    const direct = await inTime(() => request('GET', `/api/products/${product.id}`));
    assert.deepEqual(
      [direct.status, direct.body.code, direct.body.dependency],
      [503, 'dependency_unavailable', 'products'],
    );
    assert.match(direct.headers.get('content-type') ?? '', /problem\+json/);
  });
});

test('Redis down: reads and orders go on, changes are seen, and the service says degraded', async () => {
  const product = await newProduct(10, 5);
  await without('redis', async () => {
    const path = `/api/products/${product.id}`;
    const changed = await inTime(() => request<ProductAnswer>('PATCH', path, { price: 7 }));
    assert.equal(changed.status, 200);
    const read = await inTime(() => request<ProductAnswer>('GET', path));
    assert.deepEqual([read.status, read.body.price], [200, 7]);
    assert.equal((await inTime(() => request('GET', '/api/products?limit=5'))).status, 200);
    const answer = await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 1 });
    assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
  });
});

/** Resident memory of the services, bytes; undefined in containers, where the engine knows. */
async function memoryOfServices(): Promise<number | undefined> {
  if (mesh.mode !== 'native') return undefined;
  const { stdout } = await mesh.cli(['status', '--json']);
  const { parts }: { parts: readonly { kind: string; rss_bytes: number | null }[] } = JSON.parse(stdout);
  const apps = parts.filter(({ kind }) => kind === 'app');
  return apps.reduce((sum, { rss_bytes: bytes }) => sum + (bytes ?? 0), 0);
}

test('Jaeger down under load: no order fails, memory is bounded, and the spans that were lost are counted', async () => {
  /** Orders, and how many of them are under way at the same time. */
  const [count, clients] = [400, 8];
  /**
   * Growth of all three services that is too much, bytes. Their queues hold 8192 spans of ~2 KB each; the rest is what V8
   * takes for any work. Without a bound an hour of orders would pass it.
   */
  const tooMuch = 512 * 2 ** 20;
  const lost = () => valueNow('sum(otel_sdk_exporter_span_exported_total{error_type!=""})');
  const product = await newProduct(count);
  const [memory, lostBefore] = [await memoryOfServices(), await lost()];
  let late = 0;
  const place = async (key: string) => {
    const answer = await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 }, key);
    if (isLate(answer)) late += 1;
    return answer;
  };
  await without('jaeger', async () => {
    let left = count;
    const client = async () => {
      while (left-- > 0) {
        const key = randomUUID();
        const answer = await inTime(() => place(key));
        assert.equal(answer.status, 201, JSON.stringify(answer.body));
        assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    // a busy machine may make some late; that Jaeger is down must not
    assert.ok(late < count / 2, `${late} answers were late`);
    if (memory !== undefined) {
      const grown = ((await memoryOfServices()) ?? 0) - memory;
      assert.ok(grown < tooMuch, `the services grew by ${(grown / 2 ** 20).toFixed(0)} MiB`);
    }
  });
  // the counters go on from where they were, and are exported once the receiver is back
  await eventuallyDespiteErrors(
    'the spans that were lost are counted',
    async () => ((await lost()) > lostBefore ? true : undefined),
    60_000,
  );
  const fullest = await valuesOf(
    'max(otel_sdk_processor_span_queue_size / otel_sdk_processor_span_queue_capacity)',
  );
  assert.ok(fullest.length > 0 && fullest.every((share) => share <= 1), `the queues were ${fullest}`);
});

test('PostgreSQL down: 503 as a problem, and orders go on when it is back', async () => {
  const product = await newProduct(10);
  await without('postgres', async () => {
    const order = { user_id: user.id, product_id: product.id, quantity: 1 };
    const answer = await inTime(() => placeOrder(order));
    assert.equal(answer.status, 503, JSON.stringify(answer.body));
    assert.equal(answer.body.code, 'dependency_unavailable');
  });
  const answer = await accepted(() => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 }));
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
});

after(async () => {
  // Whatever a failed case left stopped, the next file starts with a whole mesh.
  for (const part of await mesh.unwell()) await mesh.start(part);
});
