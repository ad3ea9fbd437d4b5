/** A process is killed at each point at which something could be lost or doubled; nothing is. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { assertSound } from '../harness/audit.ts';
import { type Bought, buy } from '../harness/buyer.ts';
import { untilAnswered } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { newProduct, newUser, stockOf } from '../harness/shop.ts';

/** Orders at once: enough that several wait together, so that there are batches. */
const burst = 12;

/** Bursts until a process has passed the point. */
const mostBursts = 5;

let user: { id: number };
before(async () => {
  user = await newUser();
});

const points: readonly [part: string, failpoint: string][] = [
  ['orders', 'order.committed'],
  ['orders', 'relay.woken'],
  ['orders', 'relay.leased'],
  ['orders', 'relay.confirmed'],
  ['orders', 'consumer.effect'],
  ['orders', 'consumer.batch'],
  ['orders', 'consumer.committed'],
  ['products', 'consumer.handling'],
  ['products', 'consumer.batch'],
  ['products', 'consumer.committed'],
  ['products', 'relay.leased'],
  ['products', 'relay.confirmed'],
];

/**
 * Resolves when the part has come by its failpoint and is back. The runner starts it again by itself; this cuts its back-off
 * short, which grows with each death of a part, and for which the buyers would wait.
 */
async function comesBack(part: string, failpoint: string): Promise<void> {
  await eventuallyDespiteErrors(
    `${part} has come by ${failpoint}`,
    async () => !(await mesh.armed(part, failpoint)),
    60_000,
  );
  do await mesh.start(part);
  while ((await mesh.unwell()).includes(part));
}

for (const [part, failpoint] of points) {
  test(`${part} killed at ${failpoint}: every order once, all ended within 15 s of its return`, async (t) => {
    const product = await newProduct(1000);
    const bought: Bought[] = [];
    await mesh.failpoint(part, failpoint, 'crash');
    const back = comesBack(part, failpoint);
    back.catch(() => undefined);
    try {
      for (let bursts = 0; bursts < mostBursts && (await mesh.armed(part, failpoint)); bursts += 1) {
        const buyers = Array.from({ length: burst }, () =>
          buy(
            { user_id: user.id, product_id: product.id, quantity: 2 },
            { patienceMs: 120_000, again: untilAnswered },
          ),
        );
        bought.push(...(await Promise.all(buyers)));
      }
      await back;
    } finally {
      await mesh.failpoint(part, failpoint, 'off');
    }
    await mesh.healthy();
    assert.deepEqual([...new Set(bought.map(({ last }) => last?.status))], [201]);
    const audit = await assertSound(bought, 15_000);
    assert.equal(audit.acknowledged, bought.length);
    assert.equal(await stockOf(product.id), 1000 - 2 * bought.length);
    t.diagnostic(`${bought.length} orders, settled ${audit.waited_ms} ms after the mesh was healthy`);
  });
}
