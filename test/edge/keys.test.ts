/** Key rotation under orders: no client notices. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { signingKeyTimes } from '@microshop/topology';
import { decodeProtectedHeader } from 'jose';
import { steadilyWhile } from '../harness/buying.ts';
import { askControl } from '../harness/control.ts';
import { keyFetches } from '../harness/envoy.ts';
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
  let answered = 0;
  const orders = steadilyWhile(
    rate,
    () => !isOver,
    async () => {
      const token = Math.random() < 0.5 ? customer.token : newest;
      const order = { user_id: customer.id, product_id: productId, quantity: 1 };
      const answer = await request<OrderOrProblem>('POST', '/api/orders', order, showing(token));
      answered += 1;
      return answer;
    },
  );
  try {
    await eventually(
      'another key signs',
      async () => {
        newest = (await logIn(customer.email, customer.password)).token;
        return kidOf(newest) !== before;
      },
      (signingKeyTimes.publishedBeforeSeconds + 20) * 1000,
    );
    // the key from before is among those that the gateway fetches next
    const fetched = await keyFetches('success');
    await eventually(
      'the gateway has fetched the keys again',
      async () => (await keyFetches('success')) > fetched,
    );
    const target = answered + 2 * rate;
    await eventually('more orders are answered', () => answered >= target);
  } finally {
    isOver = true;
  }
  const answers = await orders;
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
