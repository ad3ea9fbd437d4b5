/** The map: every edge after traffic, a fault that is set on it, a policy that is changed on it. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { callEdges, edgeNamed } from '@microshop/topology';
import { clearFaults, command, listedFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { valueNow } from '../harness/prometheus.ts';
import { closeBrowser, pageTest } from './console.ts';

after(async () => {
  await clearFaults();
  await command('policy', 'reset');
  await closeBrowser();
});

const edge = (id: string) => `[data-edge="${id}"]`;
const products = edge('orders → products');

pageTest(
  'a fault that is set on the map turns its edge bad, with the attempts that Prometheus counts',
  async (page) => {
    await page.getByRole('button', { name: 'Place 20 orders/s' }).click();
    // orders go over these; the gateway's other edges have no traffic of their own
    for (const id of [
      'gateway → orders',
      'orders → users',
      'orders → products',
      'products → rabbitmq',
      'rabbitmq → orders',
    ]) {
      await page.locator(`${edge(id)}.good`).waitFor({ timeout: 40_000 });
    }
    for (const call of callEdges) await page.locator(edge(edgeNamed(call))).waitFor();

    await page.locator(products).click();
    await page.getByRole('button', { name: 'Set fault' }).click();
    await page.getByText('In effect.').waitFor();
    assert.deepEqual(
      (await listedFaults()).map(({ service, from }) => ({ service, from })),
      [{ service: 'products', from: 'orders' }],
    );
    await page.locator(`${products}.bad`).waitFor({ timeout: 30_000 });
    // its panel names traces that failed
    await page.getByText('none in the last five minutes').waitFor({ state: 'detached', timeout: 40_000 });
    assert.match((await page.locator(products).textContent()) ?? '', /fault: answered 503, 30 %/);
    const matchers = 'service="orders", envoy_cluster_name="products"';
    const rate = (metric: string) => `sum(rate(${metric}{${matchers}}[20s]))`;
    const tries = rate('envoy_cluster_upstream_rq_total');
    await eventually(
      'the page shows what Prometheus counts',
      async () => {
        const counted = await valueNow(`${tries} / (${tries} - ${rate('envoy_cluster_upstream_rq_retry')})`);
        const shown = Number(/×([\d.]+)/.exec((await page.locator(products).textContent()) ?? '')?.[1]);
        // the page is at most a reading of 2.5 s behind
        return counted > 1.2 && Math.abs(shown - counted) < 0.1;
      },
      30_000,
    );

    await page.getByRole('button', { name: 'Clear faults of products' }).click();
    await eventually('the fault is gone', async () => (await listedFaults()).length === 0);
    await page.locator(`${products}.good`).waitFor({ timeout: 40_000 });
  },
);

pageTest('a policy that is changed on the map is in effect, and is marked on the edge', async (page) => {
  await page.locator(products).click();
  await page.getByLabel('to', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Apply policy' }).click();
  await page.getByText('In effect.').waitFor();
  const { policies } = JSON.parse(await command('policy', 'show', 'orders', 'products', '--json'));
  assert.deepEqual([policies[0]?.policy.tries, policies[0]?.changed.tries], [2, 3]);
  await page.locator(products).getByText('policy', { exact: true }).waitFor();

  await page.getByLabel('to', { exact: true }).fill('900');
  await page.getByRole('button', { name: 'Apply policy' }).click();
  await page.locator('.said.bad').waitFor();
  await page.getByRole('button', { name: 'Back to the topology' }).click();
  await page.locator(products).getByText('policy', { exact: true }).waitFor({ state: 'detached' });
});

pageTest(
  'arrow keys lead from edge to edge, Enter opens one, and its address shows it again',
  async (page) => {
    await page.locator(edge('gateway → orders')).focus();
    await page.keyboard.press('ArrowRight');
    const focused = (await page.locator('[data-edge]:focus').getAttribute('data-edge')) ?? '';
    assert.match(focused, /^orders → /);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: `Edge ${focused}` }).waitFor();
    await page.reload();
    await page.getByRole('complementary', { name: `Edge ${focused}` }).waitFor();
  },
);

pageTest('a part that is stopped is named, and the page recovers by itself', async (page, t) => {
  await page.locator(products).waitFor();
  await mesh.stop('redis');
  t.after(() => mesh.start('redis'));
  await page.getByText('✗ redis does not answer').waitFor({ timeout: 20_000 });
  await mesh.start('redis');
  await page.getByText('✗ redis does not answer').waitFor({ state: 'detached', timeout: 20_000 });
});
