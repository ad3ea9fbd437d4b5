/** Key rotation under orders: no client notices. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { signingKeyTimes } from '@microshop/topology';
import { decodeProtectedHeader } from 'jose';
import { steadilyWhile } from '../harness/buying.ts';
import { askControl } from '../harness/control.ts';
import { newProduct, type OrderOrProblem, request } from '../harness/shop.ts';
import { type LoggedIn, logIn, newCustomer, operatorToken, showing } from '../harness/sign-in.ts';

/** Orders started per second; `MESH_TEST_KEYS_RATE=50` for more of them. */
const rate = Number(process.env['MESH_TEST_KEYS_RATE'] ?? 20);

let customer: LoggedIn;
let productId: number;

before(async () => {
  customer = await newCustomer();
  productId = (await newProduct(1_000_000, 1, showing(await operatorToken()))).id;
});

const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);

test(`another key signs, under ${rate} orders/s: none is refused`, async () => {
  const before = kidOf(customer.token);
  const asked = await askControl('POST', '/api/signing-keys');
  assert.equal(asked.status, 200, asked.text);

  // clients show the newest token that they have, and some the one from before
  let newest = customer.token;
  let isOver = false;
  const orders = steadilyWhile(
    rate,
    () => !isOver,
    async () => {
      const token = Math.random() < 0.5 ? customer.token : newest;
      const order = { user_id: customer.id, product_id: productId, quantity: 1 };
      return await request<OrderOrProblem>('POST', '/api/orders', order, showing(token));
    },
  );
  const end = performance.now() + (signingKeyTimes.publishedBeforeSeconds + 20) * 1000;
  let changedAt: number | undefined;
  while (performance.now() < end) {
    newest = (await logIn(customer.email, customer.password)).token;
    if (kidOf(newest) !== before) changedAt ??= performance.now();
    // for a while with tokens of both
    if (changedAt !== undefined && performance.now() > changedAt + 10_000) break;
    await delay(500);
  }
  isOver = true;
  const answers = await orders;
  assert.notEqual(kidOf(newest), before, 'another key signs');
  const refused = answers.filter(({ status }) => status === 401 || status === 403);
  assert.deepEqual(
    refused.map(({ body }) => body.detail),
    [],
  );
  const failed = answers.filter(({ status }) => status !== 201);
  assert.deepEqual(
    failed.map(({ status, body }) => `${status} ${body.detail}`),
    [],
  );
});
