/** Servers that are stopped: the page names them, and recovers by itself. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventRoutes, outboxServices } from '@microshop/topology';
import { mesh } from '../harness/mesh.ts';
import { closeBrowser, edgeOnMap, pageTest } from './console.ts';

after(closeBrowser);

pageTest('a part that is stopped is named, and the page recovers by itself', async (page, t) => {
  await page.locator(edgeOnMap('orders → products')).waitFor();
  await mesh.stop('redis');
  t.after(() => mesh.start('redis'));
  await page.getByText('✗ redis does not answer').waitFor();
  await mesh.start('redis');
  await page.getByText('✗ redis does not answer').waitFor({ state: 'detached' });
});

pageTest(
  'every outbox and queue is there; a broker that is stopped is named, and comes back',
  async (page, t) => {
    await page.getByRole('link', { name: 'Messages', exact: true }).click();
    for (const service of outboxServices)
      await page.getByRole('rowheader', { name: service, exact: true }).waitFor();
    const queues = new Set(eventRoutes.map(({ queue }) => queue));
    for (const queue of queues) await page.getByRole('rowheader', { name: queue, exact: true }).waitFor();
    assert.equal(await page.getByText('✗ none').count(), 0);

    await mesh.stop('rabbitmq');
    t.after(() => mesh.start('rabbitmq'));
    await page.getByText(/^The queues cannot be read: /).waitFor();
    // the outboxes are read all the same
    await page.getByRole('rowheader', { name: 'orders', exact: true }).waitFor();
    await mesh.start('rabbitmq');
    await page.getByText(/^The queues cannot be read: /).waitFor({ state: 'detached' });
    await page
      .getByText(/^✓ \d+$/)
      .first()
      .waitFor();
  },
);
