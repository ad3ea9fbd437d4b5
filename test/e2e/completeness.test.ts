/** Every order leaves a whole trace, under load and with faults in effect. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Figure } from '@microshop/control/completeness/figure';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import type { FaultRequest } from '@microshop/topology';
import { judgementsOn } from '../harness/completeness.ts';
import { clearFaults, listedFaults, wellShop, withFaults } from '../harness/faults.ts';
import { workersDo } from '../harness/load.ts';
import { mesh } from '../harness/mesh.ts';
import { placeOrder } from '../harness/shop.ts';

/** Orders accepted; Jaeger keeps the last 5,000 traces. */
const orders = 1000;

/** Orders the control service chooses at once, however fast they come. */
const leastJudged = 80;

/** Orders under way at the same time. */
const workers = 12;

after(clearFaults);

test('1,000 orders accepted while a fifth of the answers of users and products fail: 1,000 whole traces', async (t) => {
  const { user, product } = await wellShop(2 * orders);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const accepted: string[] = [];
  const fault = { abort: 503, percent: 20 };
  const faults: readonly FaultRequest[] = [
    { ...fault, service: 'users' },
    { ...fault, service: 'products' },
  ];
  const began = performance.now();
  const answers = await withFaults(faults, async () => {
    // each with a key of its own, and none asked twice: every 201 began its trace
    const all = await workersDo(
      workers,
      async () => {
        const { status, traceId } = await placeOrder(order);
        if (status === 201) accepted.push(traceId);
        return status;
      },
      () => accepted.length >= orders,
    );
    for (const { service, hits } of await listedFaults()) {
      assert.ok(hits.aborts > orders / 10, `the fault of ${service} hit ${hits.aborts} times`);
    }
    return all;
  });
  const placedSeconds = (performance.now() - began) / 1000;
  await eventuallyDespiteErrors(
    'every order has ended',
    async () => {
      const pending = await mesh.sql(
        'orders_db',
        `select id from orders where user_id = $1 and status = 'PENDING' limit 1`,
        [user.id],
      );
      return pending.length === 0 ? true : undefined;
    },
    60_000,
  );
  const judgements = await judgementsOn(accepted, 180_000);
  t.diagnostic(
    `${accepted.length} of ${answers.length} accepted in ${placedSeconds.toFixed(1)} s, judged after ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  assert.ok(judgements.size >= orders);
  assert.deepEqual(
    [...judgements].filter(([, { outcome }]) => outcome !== 'complete'),
    [],
  );

  // the control service judges all, or a share when they come fast
  const figure = await eventuallyDespiteErrors(
    'the control service has judged its share',
    async () => {
      const found = await figureOfControl();
      return found.orders.complete >= leastJudged ? found : undefined;
    },
    120_000,
  );
  t.diagnostic(JSON.stringify(figure));
  assert.ok(figure.share !== null && figure.share > 0 && figure.placed > leastJudged);
  // each is whole by now; it judges a trace ten seconds after its order, when a busy machine may not have sent all of it
  const early = figure.missing.filter(({ trace_id: traceId }) => accepted.includes(traceId));
  assert.ok(
    early.every(({ orders: lacking }) => lacking <= figure.orders.complete / 20),
    JSON.stringify(early),
  );
});

async function figureOfControl(): Promise<Figure> {
  const response = await fetch(`${mesh.control}/api/completeness`, { signal: AbortSignal.timeout(10_000) });
  const figure: Figure = JSON.parse(await response.text());
  return figure;
}
