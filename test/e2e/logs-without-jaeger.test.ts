/** `./mesh logs --order` needs nothing but the logs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilShown } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';

test('`logs --order` reads nothing but the logs: it tells the same story while Jaeger is stopped', async () => {
  const [user, product] = await Promise.all([newUser(), newProduct(10)]);
  const order = { user_id: user.id, product_id: product.id, quantity: 1 };
  const { body, traceId } = await accepted(() => placeOrder(order));
  await endOf(body.id);
  await mesh.stop('jaeger');
  try {
    const story = await untilShown('the end of the order is logged', async () => {
      const { code, stdout } = await mesh.hostCli(['logs', '--order', `${body.id}`, '--json']);
      return code === 0 && stdout.includes('order ended') ? stdout : undefined;
    });
    const { lines }: { lines: { part: string; text: string }[] } = JSON.parse(story);
    assert.ok(lines.some(({ part }) => part === 'products'));
    assert.ok(lines.every(({ text }) => text.includes(traceId)));
    const unknown = await mesh.hostCli(['logs', '--order', '2147483647']);
    assert.deepEqual([unknown.code, unknown.stdout], [1, '']);
    assert.match(unknown.stderr, /No log has a line about order 2147483647/);
  } finally {
    await mesh.start('jaeger');
  }
});
