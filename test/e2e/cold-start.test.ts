/** What the services do when they start before the servers they need: they wait, say so, and go on as each comes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';
import { accepted, endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';

test('started with nothing there: each waits and says so, and orders go on as the servers come, in whatever order', async () => {
  const apps = ['products', 'orders', 'users'];
  const [user, product] = await Promise.all([newUser(), newProduct(10)]);
  const waited = async (app: string) => (await mesh.logs(app)).split('waiting for the database').length;
  for (const server of ['rabbitmq', 'redis', 'postgres']) await mesh.stop(server);
  const before = new Map<string, number>();
  for (const app of apps) before.set(app, await waited(app));
  for (const app of apps) await mesh.killNow(app);
  for (const app of apps) {
    await eventuallyDespiteErrors(
      `${app} says that it waits for its database`,
      async () => ((await waited(app)) > (before.get(app) ?? 0) ? true : undefined),
      60_000,
    );
  }
  assert.deepEqual((await mesh.unwell()).filter((part) => apps.includes(part)).sort(), [...apps].sort());

  await mesh.start('postgres');
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  // without broker and cache, on its database alone
  const answer = await accepted(() => placeOrder(order), 60_000);
  await mesh.start('redis');
  await mesh.start('rabbitmq');
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
  await mesh.healthy();
});

after(async () => {
  // Whatever a failed case left stopped, the next file starts with a whole mesh.
  for (const part of await mesh.unwell()) await mesh.start(part);
});
