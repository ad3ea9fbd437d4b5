/** Requests that get an answer and place no order, and orders that are placed while the client gets no answer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { orderSource } from '@microshop/control/completeness/orders';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { counters } from '../harness/envoy.ts';
import { withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import {
  endOf,
  inTime,
  isLate,
  newProduct,
  newUser,
  orderPlaced,
  placeOrder,
  request,
} from '../harness/shop.ts';
import { completeTrace, completeTraceOf } from '../harness/traces.ts';

let user: { id: number };
let product: { id: number };
before(async () => {
  user = await newUser();
  product = await newProduct(1000);
});

const order = () => ({ user_id: user.id, product_id: product.id, quantity: 1 });

/** Time that one step of an order may take whose client leaves, milliseconds: it has a deadline of 3.5 s. */
const stepMs = 10_000;

/** Time in which even a busy machine leaves an order of such a client its deadline, milliseconds. */
const patienceMs = 120_000;

/**
 * What is found of a client that has left, in as many attempts as a busy machine needs: none is written where its calls are late, or
 * where a statement that was held up is let go on too late.
 */
function inTheEnd<Found>(attempt: () => Promise<Found | undefined>): Promise<Found> {
  return eventuallyDespiteErrors('an order of a client that has left', attempt, patienceMs);
}

/** The order of the key once it is written; undefined when none is. */
async function orderOfKey(key: string): Promise<number | undefined> {
  const text = 'select id from orders where idempotency_key = $1';
  const end = performance.now() + stepMs;
  return await eventually('the order of the key, or the end of the time', async () => {
    const [row] = await mesh.sql<{ id: number }>('orders_db', text, [key]);
    if (row !== undefined) return row;
    return performance.now() > end ? { id: undefined } : undefined;
  }).then(({ id }) => id);
}

/** The outbox row that was written last; what is placed from now on comes behind it. */
async function newestEvent(): Promise<string> {
  const [row] = await mesh.sql<{ id: string }>(
    'orders_db',
    'select coalesce(max(id), 0)::text as id from outbox',
  );
  return row?.id ?? '0';
}

/** Sends a request for an order and leaves once `when` holds. */
async function leave(key: string, when: () => Promise<true | undefined>): Promise<void> {
  const body = JSON.stringify(order());
  const { hostname, port } = new URL(mesh.gateway);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/orders HTTP/1.1\r\nhost: shop\r\nidempotency-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  try {
    await eventuallyDespiteErrors('the time to leave', when, stepMs);
  } finally {
    socket.destroy();
  }
}

test('`trace` says of a repeat that it is one, and of which order; it is complete', async () => {
  let key = '';
  const first = await inTime(() => {
    key = randomUUID();
    return placeOrder(order(), key);
  });
  assert.equal((await endOf(first.body.id)).status, 'CONFIRMED');
  const again = await orderPlaced(order(), key);
  const { code, stdout } = await mesh.cli(['trace', again.traceId]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, new RegExp(`^a repeat of order ${first.body.id}: `, 'm'));

  const placing = await completeTrace(first.body.id);
  assert.deepEqual([placing.of, placing.trace_id], ['order', first.traceId]);
});

test('ten at once with one key, for the last of the stock: one placing, nine repeats, each complete', async () => {
  // one that is late is neither
  const answers = await eventually('ten answers in time', async () => {
    const { id: scarce } = await newProduct(1);
    const wanted = { user_id: user.id, product_id: scarce, quantity: 1 };
    const key = randomUUID();
    const all = await Promise.all(Array.from({ length: 10 }, () => placeOrder(wanted, key)));
    return all.some(isLate) ? undefined : all;
  });
  const [first] = answers;
  await endOf(first?.body.id ?? 0);
  const verdicts = await Promise.all(answers.map(({ traceId }) => completeTraceOf(traceId)));
  assert.deepEqual(
    verdicts.filter(({ complete }) => !complete).map(({ trace_id, missing }) => ({ trace_id, missing })),
    [],
  );
  assert.deepEqual(verdicts.map(({ of }) => of).sort(), ['order', ...Array(9).fill('repeat')]);
  assert.deepEqual(new Set(verdicts.map(({ order_id: id }) => id)), new Set([first?.body.id]));
});

test('a request that was refused is no order, and its trace is complete', async () => {
  const key = randomUUID();
  const { body } = await orderPlaced(order(), key);
  await endOf(body.id);
  const refused = [
    await inTime(() => placeOrder({ ...order(), quantity: 2 }, key)),
    await inTime(() => placeOrder({ ...order(), user_id: 2_000_000_000 })),
    await inTime(() => request('POST', '/api/orders', { user_id: user.id })),
    await inTime(() => request('POST', '/api/orders', 'x'.repeat(300_000))),
  ];
  assert.deepEqual(
    refused.map(({ status }) => status),
    [422, 400, 400, 413],
  );
  for (const { status, traceId } of refused) {
    const { of, complete, missing } = await completeTraceOf(traceId);
    assert.deepEqual(
      { status, of, complete, missing },
      { status, of: 'request', complete: true, missing: [] },
    );
  }
});

test('an order whose client left while it was written is found by its number, with a whole trace', async () => {
  const resets = async () =>
    (await counters('orders', '^http\\.inbound\\.downstream_rq_rx_reset$')).get(
      'http.inbound.downstream_rq_rx_reset',
    ) ?? 0;
  const { key, id } = await inTheEnd(async () => {
    const key = randomUUID();
    const before = await resets();
    await mesh.locked('orders', 'order_lines', async () => {
      await leave(key, async () => {
        const [row] = await mesh.sql<{ waiting: number }>(
          'orders_db',
          `select count(*)::integer as waiting from pg_locks where relation = 'order_lines'::regclass and not granted`,
        );
        return (row?.waiting ?? 0) > 0 ? true : undefined;
      });
      // only then has the app lost its client before it has its answer
      await eventuallyDespiteErrors('the sidecar to know', async () => (await resets()) > before, stepMs);
    });
    const id = await orderOfKey(key);
    return id === undefined ? undefined : { key, id };
  });
  assert.equal((await endOf(id)).status, 'CONFIRMED');
  const { of, complete, missing, trace_id: traceId } = await completeTrace(id);
  assert.deepEqual({ of, complete, missing }, { of: 'order', complete: true, missing: [] });
  const { code, stdout } = await mesh.cli(['trace', traceId ?? '']);
  assert.equal(code, 0, stdout);

  // the client asks again, as it would: with a hundred repeats and more, the placing is still found
  const again = await orderPlaced(order(), key);
  assert.equal(again.body.id, id);
  for (let asked = 0; asked < 110; asked += 10) {
    await Promise.all(Array.from({ length: 10 }, () => placeOrder(order(), key)));
  }
  assert.equal((await completeTraceOf(again.traceId)).of, 'repeat');
  assert.equal((await completeTrace(id)).trace_id, traceId);
});

test('the judge knows an order whose client got no answer, in its trace, and no repeat', async () => {
  const source = orderSource((text, params) => mesh.sql('orders_db', text, params));
  // begins at an order of its own, and reaches back far beyond it: no row grows too old between two pages
  const page = { youngestMs: 0, oldestMs: 3_600_000, limit: 2000 };
  const delays = async () =>
    [...(await counters('users', '^http\\.inbound\\.fault\\.delays_injected$')).values()][0] ?? 0;
  const { key, id, search } = await withFaults([{ service: 'users', delay_ms: 600 }], () =>
    inTheEnd(async () => {
      const key = randomUUID();
      const search = { ...page, after: await newestEvent() };
      const before = await delays();
      await leave(key, async () => ((await delays()) > before ? true : undefined));
      const id = await orderOfKey(key);
      return id === undefined ? undefined : { key, id, search };
    }),
  );
  await endOf(id);
  const again = await orderPlaced(order(), key);
  assert.equal(again.body.id, id);
  const { body: next } = await orderPlaced(order());
  const { trace_id: traceId } = await completeTrace(id);

  const { orders, cursor } = await source.placed(search);
  const found = orders.filter((one) => one.id === id);
  assert.deepEqual(
    found.map((one) => one.traceId),
    [traceId],
  );
  assert.ok((found[0]?.ageMs ?? -1) >= 0);
  assert.deepEqual(
    orders.map((one) => one.id),
    [id, next.id],
  );
  assert.ok(((await source.ended([id])).get(id) ?? -1) >= 0);

  const paged = await source.placed({ ...search, limit: 1 });
  assert.deepEqual(
    paged.orders.map((one) => one.id),
    [id],
  );
  const rest = await source.placed({ ...search, after: paged.cursor });
  assert.deepEqual(
    rest.orders.map((one) => one.id),
    [next.id],
  );
  const none = await source.placed({ ...search, after: cursor, youngestMs: 3_600_000 });
  assert.deepEqual([none.orders, none.cursor], [[], cursor]);
});
