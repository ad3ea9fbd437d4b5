/** Faults from the command line: whom they hit, what they tell, what is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { type FaultRequest, services } from '@microshop/topology';
import { faultKeys } from '../harness/envoy.ts';
import { clearFaults, command, listedFaults, refused, wellShop, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { inTime, isLate, orderPlaced, placeOrder, request } from '../harness/shop.ts';

let user: { id: number };
let product: { id: number };
const order = () => ({ user_id: user.id, product_id: product.id, quantity: 1 });
const look = (headers: Record<string, string> = {}) =>
  inTime(() => request('GET', `/api/products/${product.id}`, undefined, headers));

before(async () => {
  ({ user, product } = await wellShop(1000));
});
after(clearFaults);

test('a fault for one caller hits that caller, whatever a client says it is', async () => {
  await command('fault', 'set', 'products', '--abort', '503', '--from', 'orders');
  assert.equal((await look()).status, 200);
  for (const header of ['x-mesh-caller', 'x-mesh_caller', 'x-envoy-downstream-service-cluster']) {
    assert.equal((await look({ [header]: 'orders' })).status, 200, header);
  }
  assert.deepEqual(
    (await listedFaults()).map(({ hits }) => hits),
    [{ aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 }],
    'no call of the gateway counts',
  );

  const aborts = async () => (await listedFaults())[0]?.hits.aborts ?? Number.NaN;
  const { answer, hits } = await eventually('an order that is answered in time', async () => {
    const before = await aborts();
    const answer = await placeOrder(order());
    return isLate(answer) ? undefined : { answer, hits: (await aborts()) - before };
  });
  assert.deepEqual([answer.status, answer.body.dependency], [503, 'products']);
  assert.equal(hits, 3, 'each attempt of the order was hit');
  const ofOrders = await aborts();

  await command('fault', 'set', 'products', '--abort', '418', '--percent', '100');
  assert.equal((await look()).status, 418, 'the fault for all callers hits those without one of their own');
  const [own] = await listedFaults();
  assert.deepEqual([own?.from, own?.hits.aborts], ['orders', ofOrders], 'and its hits are not counted twice');

  assert.match(await command('fault', 'clear', 'products'), /^2 faults cleared/);
  await orderPlaced(order());
  assert.deepEqual(await faultKeys('products'), []);
});

test('what the lab asks for itself meets no fault: a fault is set for the traffic of the shop', async () => {
  const everywhere = services.map(({ name: service }) => ({ service, abort: 503 }));
  await withFaults(everywhere, async () => {
    const { code, stderr } = await mesh.cli(['order']);
    assert.equal(code, 1);
    assert.match(stderr, /^mesh: POST \/api\/orders was refused: 503/, 'the lists before it were answered');
    const status = await mesh.load('smoke', { DURATION: '2s', RATE: '2' });
    assert.equal(status.code, 1, status.stdout + status.stderr);
    assert.match(status.stdout, /^verdict +FAIL$/m, 'the run was prepared, and its orders met the fault');
  });
  const replaced: readonly FaultRequest[] = [{ service: 'users', replace_answer: 503 }];
  await withFaults(replaced, async () => {
    const { stderr } = await mesh.cli(['order', '--product', String(product.id)]);
    assert.match(stderr, /^mesh: POST \/api\/orders was refused: 503/);
  });
});

test('an answer is replaced after the work was done: the same key finds the order', async () => {
  const key = crypto.randomUUID();
  await withFaults([{ service: 'orders', replace_answer: 503 }], async () => {
    const answer = await placeOrder(order(), key);
    assert.deepEqual([answer.status, answer.body.code], [503, 'dependency_unavailable']);
    assert.equal(answer.body.trace_id, answer.traceId);
    assert.equal(answer.headers.get('retry-after'), '1');
    const [fault] = await listedFaults();
    assert.deepEqual(fault?.hits, { aborts: 0, delays: 0, answers_replaced: 1, answers_slowed: 0 });
  });
  const again = await orderPlaced(order(), key);
  const rows = await mesh.sql('orders_db', 'select id from orders where idempotency_key = $1', [key]);
  assert.deepEqual(rows, [{ id: again.body.id }]);
});

test('an answer is slow: its head comes at once, its body at 1 KiB per second', async () => {
  // 4000 is the longest description there can be
  const book = { name: 'Book', description: 'x'.repeat(4000), price: 1, stock: 1 };
  const made = await inTime(() => request<{ id: number }>('POST', '/api/products', book));
  const read = async () => {
    const began = performance.now();
    const answer = await request('GET', `/api/products?ids=${made.body.id}`);
    return { status: answer.status, ms: performance.now() - began };
  };
  assert.equal((await read()).status, 200);
  await withFaults([{ service: 'products', slow_answer: 1, from: 'gateway' }], async () => {
    // the gateway ends a call after 4 s; a whole body takes 3.9 s at least
    const slow = await read().catch(() => ({ status: 0, ms: Number.POSITIVE_INFINITY }));
    assert.ok(slow.ms > 3000, `${slow.ms}`);
    const [fault] = await listedFaults();
    assert.equal(fault?.hits.answers_slowed, 1);
  });
  await eventually('an answer is quick again', async () => (await read()).ms < 3000);
});

test('what cannot be meant is refused with a sentence', async () => {
  const set = ['fault', 'set', 'users', '--abort', '503'];
  await Promise.all([
    refused(/no service "shipping"/, 'fault', 'set', 'shipping', '--abort', '503'),
    refused(/must do something/, 'fault', 'set', 'users', '--percent', '10'),
    refused(/--percent must be a whole number from 1 to 100, not "101"/, ...set, '--percent', '101'),
    refused(/products does not call users/, ...set, '--from', 'products'),
    refused(/--for must be a duration/, ...set, '--for', 'soon'),
  ]);
  assert.deepEqual(await faultKeys('users'), []);
});

test('the control service takes changes with its token only, and nothing from elsewhere', async () => {
  const url = new URL('/api/faults', mesh.control);
  const ask = async (method: string, headers: Record<string, string>) =>
    (await fetch(url, { method, headers })).status;
  assert.equal(await ask('DELETE', {}), 401);
  assert.equal(await ask('DELETE', { authorization: 'Bearer wrong' }), 401);
  const authorization = `Bearer ${await mesh.token()}`;
  assert.equal(await ask('DELETE', { authorization }), 200);
  assert.equal(await ask('DELETE', { authorization, origin: 'http://evil.example' }), 403);
  assert.equal(await ask('GET', { origin: 'null' }), 403);
  assert.ok(!(await mesh.logs('control')).includes(await mesh.token()), 'the token is in no log');
});
