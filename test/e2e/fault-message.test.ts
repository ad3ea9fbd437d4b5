/** A duplicate and a dead letter on purpose, as the pages of the documentation make them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { auditOf } from '../harness/audit.ts';
import { deadLetters, dropLetters } from '../harness/dead-letters.ts';
import { mesh } from '../harness/mesh.ts';
import { valueNow } from '../harness/prometheus.ts';
import { endOf, inTime, newProduct, newUser, placeOrder, stockOf } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

interface Made {
  readonly queue: string;
  readonly type: string;
  readonly message_id: string | null;
  readonly order_id: number | null;
  readonly letter_id: string | null;
  readonly consuming: boolean;
}

let user: { id: number };
before(async () => {
  user = await newUser();
});

async function faultMessage(...args: string[]): Promise<Made> {
  const { code, stdout, stderr } = await mesh.cli(['fault', 'message', ...args, '--json']);
  assert.equal(code, 0, stderr);
  const made: Made = JSON.parse(stdout);
  return made;
}

const duplicates =
  'sum(shop_consumer_messages_total{shop_outcome="duplicate",messaging_destination_subscription_name="products.orders"})';

test('a duplicate has the id and the trace of the first, is dropped by the inbox, and tells whose it is', async () => {
  const product = await newProduct(10);
  const order = { user_id: user.id, product_id: product.id, quantity: 3 };
  const { status, body, traceId } = await inTime(() => placeOrder(order));
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal((await endOf(body.id)).status, 'CONFIRMED');
  const before = await valueNow(duplicates);
  const made = await faultMessage('--duplicate', '--order', `${body.id}`);
  const [row] = await mesh.sql<{ message_id: string }>(
    'orders_db',
    `select message_id from outbox where type = 'ORDER_CREATED' and (body ->> 'order_id')::integer = $1`,
    [body.id],
  );
  assert.deepEqual(
    [made.queue, made.type, made.order_id, made.message_id],
    ['products.orders', 'ORDER_CREATED', body.id, row?.message_id],
  );
  await eventuallyDespiteErrors('the duplicate is counted', async () =>
    (await valueNow(duplicates)) > before ? true : undefined,
  );
  const verdict = await eventuallyDespiteErrors('its span is in the trace of the order', async () => {
    const found = await completeTrace(body.id);
    return found.spans.some(isOfLab) ? found : undefined;
  });
  assert.equal(verdict.trace_id, traceId);
  assert.deepEqual([verdict.complete, verdict.missing], [true, []]);
  const consumed = verdict.spans.filter(
    ({ service, kind, attributes }) =>
      service === 'products' && kind === 'consumer' && attributes['messaging.message.id'] === made.message_id,
  );
  assert.deepEqual(consumed.map(isOfLab).sort(), [false, true]);
  assert.deepEqual(
    await mesh.sql('products_db', 'select delta from stock_movements where order_id = $1', [body.id]),
    [{ delta: -3 }],
  );
  assert.equal(await stockOf(product.id), 7);
  assert.deepEqual(await deadLetters(), []);
});

function isOfLab({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }): boolean {
  return attributes['shop.origin'] === 'lab';
}

const poisons: [string, string, string, RegExp][] = [
  ['not-json', 'products', 'products.orders', /JSON/],
  ['missing-field', 'products', 'products.orders', /order_id/],
  ['missing-field', 'orders', 'orders.stock', /order_id/],
  ['unknown-type', 'products', 'products.orders', /not an event/],
  ['no-id', 'orders', 'orders.stock', /messageId/],
];

for (const [kind, to, queue, reason] of poisons) {
  test(`poison (${kind}) for ${to} is listed with its reason, breaks no invariant, and can be dropped`, async () => {
    const made = await faultMessage('--poison', kind, '--to', to);
    assert.deepEqual([made.queue, made.order_id], [queue, null]);
    const letter = await eventuallyDespiteErrors('it is a dead letter', async () => (await deadLetters())[0]);
    assert.match(letter.reason, reason);
    assert.deepEqual([letter.queue, letter.type, letter.order_id], [queue, made.type, null]);
    assert.equal(letter.id, made.letter_id);
    if (made.message_id !== null) assert.equal(letter.id, made.message_id);
    assert.equal(made.consuming, true);

    const audit = await auditOf([], 15_000);
    assert.equal(audit.in_dlq, 1);
    assert.deepEqual(
      audit.invariants.filter(({ verdict }) => verdict === 'BROKEN'),
      [],
    );

    await dropLetters([letter.id]);
    assert.deepEqual(await deadLetters(), []);
  });
}

test('it says what happened and what to look at next', async () => {
  const { code, stdout } = await mesh.cli(['fault', 'message', '--poison', 'not-json']);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^A message that products can never handle is in products\.orders:\n {2}type ORDER_CREATED/,
  );
  assert.ok(
    stdout.split('\n').every((line) => line.length <= 100),
    stdout,
  );
  assert.match(stdout, /dlq list$/m);
  const [, id = ''] = /dlq drop (\S+)$/m.exec(stdout) ?? [];
  const listed = await eventuallyDespiteErrors('it is a dead letter', async () => {
    const found = await deadLetters();
    return found.some((letter) => letter.id === id) ? found : undefined;
  });
  const { stdout: printed } = await mesh.cli(['dlq', 'list', '--json']);
  assert.deepEqual(JSON.parse(printed), { dead_letters: listed });
  assert.equal((await mesh.cli(['dlq', 'drop', id])).code, 0);
});

test('wrong usage is reported, and so is an order that does not exist', async () => {
  const wrong: [string[], RegExp][] = [
    [[], /--duplicate --order <id>, or --poison <kind>/],
    [['--duplicate'], /--order <id>/],
    [['--duplicate', '--order', 'x'], /--order must be a whole number/],
    [['--duplicate', '--order', '1', '--poison', 'no-id'], /or --poison <kind>, not both/],
    [['--duplicate', '--order', '1', '--to', 'orders'], /--to goes with --poison/],
    [['--poison', 'bitter'], /not-json, missing-field, unknown-type, no-id, not "bitter"/],
    [['--poison', 'no-id', '--to', 'users'], /products, orders, not "users"/],
    [['--poison', 'no-id', '--order', '1'], /a poison message belongs to no order/],
  ];
  await Promise.all(
    wrong.map(async ([args, message]) => {
      const { code, stderr } = await mesh.cli(['fault', 'message', ...args]);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr.replaceAll(/\s+/g, ' '), message);
    }),
  );
  const unknown = await mesh.cli(['fault', 'message', '--duplicate', '--order', '2147483647']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /There is no order 2147483647/);
});

test('no message is made without the token of the control service', async () => {
  const answer = await fetch(new URL('/api/messages', mesh.control), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'poison', poison: 'no-id', to: 'products' }),
  });
  assert.equal(answer.status, 401);
  assert.deepEqual(await deadLetters(), []);
});
