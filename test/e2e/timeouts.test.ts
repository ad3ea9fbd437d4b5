/** Slow services: no caller waits longer than the limit around the call, and the answer always says which limit it was. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { edgePolicy, type FaultRequest, requestDeadlineMs } from '@microshop/topology';
import { clearFaults, wellShop, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, placeOrder } from '../harness/shop.ts';

/** What a limit may be passed by: ten percent. */
const slack = 1.1;

let user: { id: number };
let product: { id: number };
const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

before(async () => {
  ({ user, product } = await wellShop(1000));
});
after(clearFaults);

/** Four clients at the same time: their answers, and the longest time one took, milliseconds. */
async function four() {
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 4 }, place));
  return { answers, longestMs: performance.now() - began };
}

const slowUsers: FaultRequest = { service: 'users', from: 'orders', delay_ms: 7000 };
const slowProducts: FaultRequest = { service: 'products', from: 'orders', delay_ms: 7000 };

test('users hangs: dependency_timeout at the limit of the call', async (t) => {
  const { answers, longestMs } = await withFaults([slowUsers], four);
  t.diagnostic(`longest answer ${longestMs.toFixed(0)} ms, the limit is ${edgePolicy.timeoutMs} ms`);
  for (const { status, body } of answers) {
    assert.deepEqual([status, body.code, body.dependency], [503, 'dependency_timeout', 'users']);
  }
  assert.ok(longestMs <= edgePolicy.timeoutMs * slack, `${longestMs} ms`);
});

test('users and products hang: they are waited for at the same time', async (t) => {
  const { answers, longestMs } = await withFaults([slowUsers, slowProducts], four);
  t.diagnostic(`longest answer ${longestMs.toFixed(0)} ms, the deadline is ${requestDeadlineMs} ms`);
  for (const { status, body } of answers) assert.deepEqual([status, body.code], [503, 'dependency_timeout']);
  assert.ok(longestMs <= requestDeadlineMs * slack, `${longestMs} ms`);
});

test('the way to orders is slow, too: deadline_exceeded at the deadline', async (t) => {
  const late: FaultRequest = { service: 'orders', from: 'gateway', delay_ms: 1500 };
  const { answers, longestMs } = await withFaults([late, slowUsers, slowProducts], four);
  t.diagnostic(`longest answer ${longestMs.toFixed(0)} ms, the deadline is ${requestDeadlineMs} ms`);
  for (const { status, body } of answers) assert.deepEqual([status, body.code], [504, 'deadline_exceeded']);
  assert.ok(longestMs <= requestDeadlineMs * slack, `${longestMs} ms`);
});

test('the database hangs: deadline_exceeded at the deadline, where not even a statement ends', async (t) => {
  // leaves connections open; who finds none waits for a new one, and is refused after 3 s
  await four();
  const { code, stderr } = await mesh.hostCli(['fault', 'process', 'postgres', '--pause', '--for', '6s']);
  assert.equal(code, 0, stderr);
  const { answers, longestMs } = await four();
  t.diagnostic(`longest answer ${longestMs.toFixed(0)} ms, the deadline is ${requestDeadlineMs} ms`);
  const got = answers.map(({ status, body }) => `${status} ${body.code}`);
  const refusals = ['504 deadline_exceeded', '503 dependency_unavailable'];
  assert.ok(got.includes('504 deadline_exceeded') && got.every((one) => refusals.includes(one)), got.join());
  assert.ok(longestMs <= requestDeadlineMs * slack, `${longestMs} ms`);
  await accepted(place, 30_000);
});
