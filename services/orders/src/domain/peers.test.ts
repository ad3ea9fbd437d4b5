import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createMeshClient, deadlineFromHeaders } from '@microshop/mesh-client';
import { ProblemError } from '@microshop/service-kit';
import { edgePolicy } from '@microshop/topology';
import { createPeers, type Peers, priced } from './peers.ts';

const answer = [
  { id: 1, price: 19.99, stock: 5 },
  { id: 2, price: 0.29, stock: 0 },
];

test('lines get the price of now, in exact cents', () => {
  assert.deepEqual(priced([{ productId: 1, quantity: 5 }], answer), [
    { productId: 1, quantity: 5, priceCents: 1999 },
  ]);
});

test('a product that does not exist is named, before any shortage', () => {
  assert.throws(
    () =>
      priced(
        [
          { productId: 2, quantity: 1 },
          { productId: 9, quantity: 1 },
        ],
        answer,
      ),
    (error) =>
      error instanceof ProblemError &&
      error.status === 400 &&
      error.code === 'not_found' &&
      error.message === 'Product not found' &&
      JSON.stringify(error.members) === '{"product_ids":[9]}',
  );
});

test('each shortage is reported with what is in stock', () => {
  assert.throws(
    () =>
      priced(
        [
          { productId: 1, quantity: 6 },
          { productId: 2, quantity: 1 },
        ],
        answer,
      ),
    (error) =>
      error instanceof ProblemError &&
      error.code === 'not_enough_stock' &&
      error.message === 'Not enough stock' &&
      JSON.stringify(error.members['shortages']) ===
        '[{"product_id":1,"wanted":6,"available":5},{"product_id":2,"wanted":1,"available":0}]',
  );
});

/** Peers that answer 200 with that text, and how often they were asked. */
async function answering(t: TestContext, text: string): Promise<{ peers: Peers; asked: () => number }> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = createMeshClient({
    outboundUrl: `http://127.0.0.1:${address.port}`,
    caller: 'orders',
    logger: { info() {}, warn() {} },
  });
  t.after(async () => {
    await client.close();
    server.close();
  });
  return { peers: createPeers(client), asked: () => asked };
}

const questions = {
  users: (peers: Peers) => peers.checkUser(1, deadlineFromHeaders()),
  products: (peers: Peers) => peers.priceLines([{ productId: 1, quantity: 1 }], deadlineFromHeaders()),
};

for (const [dependency, text] of [
  ['users', '{"user":1}'],
  ['users', 'no JSON'],
  ['users', ''],
  ['products', '[{"id":1,"price":"19.99","stock":5}]'],
  ['products', '{}'],
] as const) {
  test(`${dependency} answers 200 and ${JSON.stringify(text)}: as a failure, which opens the breaker`, async (t) => {
    const { peers, asked } = await answering(t, text);
    const ask = async () => {
      const error = await questions[dependency](peers).catch((reason: unknown) => reason);
      assert.ok(error instanceof ProblemError, String(error));
      assert.equal(error.status, 503);
      assert.deepEqual(error.members, { dependency });
      return [error.code, error.message, error.retryAfterSeconds];
    };
    const { volumeThreshold } = edgePolicy.breaker;
    const failure = [
      'dependency_unavailable',
      `${dependency} gave an answer that orders does not understand`,
      1,
    ];
    for (let call = 0; call < volumeThreshold; call += 1) assert.deepEqual(await ask(), failure);
    const [code] = await ask();
    assert.equal(code, 'breaker_open');
    assert.equal(asked(), volumeThreshold);
  });
}
