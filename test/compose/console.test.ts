/** The console of a mesh in containers, in a real browser: what its views show and change reaches the containers. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { callEdges, edgeNamed, eventRoutes } from '@microshop/topology';
import {
  closeBrowser,
  edgeOnMap,
  goOnOrdering,
  pageTest,
  patienceMs,
  printedAddress,
  stopOrdering,
} from '../browser/console.ts';
import { change, clearFaults, listedFaults, shownPolicy } from '../harness/faults.ts';

const orderEdges = [
  ...callEdges.filter(({ caller, callee }) => caller === 'orders' || callee === 'orders').map(edgeNamed),
  ...eventRoutes.flatMap(({ from, to }) => [`${from} → rabbitmq`, `rabbitmq → ${to}`]),
];

after(async () => {
  await stopOrdering();
  await clearFaults();
  await change('DELETE', '/api/policies/orders/products');
  await closeBrowser();
});

pageTest(
  'the map shows every edge of an order; a fault and a policy set on it are in effect',
  async (page) => {
    await goOnOrdering(10);
    // with its token it may change the mesh
    await page.getByRole('button', { name: 'Stop orders' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Stop orders' }).isEnabled(), true);
    for (const id of new Set(orderEdges)) await page.locator(`${edgeOnMap(id)}:not(.idle)`).waitFor();

    const products = edgeOnMap('orders → products');
    await page.locator(products).click();
    await page.getByRole('button', { name: 'Set fault' }).click();
    await page.getByText('In effect.').waitFor();
    const faults = await listedFaults();
    assert.deepEqual(
      faults.map(({ service, from, waiting_for }) => ({ service, from, waiting_for })),
      [{ service: 'products', from: 'orders', waiting_for: [] }],
    );
    await eventually(
      'calls meet it',
      async () => ((await listedFaults())[0]?.hits.aborts ?? 0) > 0,
      patienceMs,
    );
    await page.locator(`${products}.bad`).waitFor();
    await page.getByRole('button', { name: 'Clear faults of products' }).click();
    await eventually('the fault is gone', async () => (await listedFaults()).length === 0);

    await page.getByLabel('to', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Apply policy' }).click();
    await page.locator(products).getByText('policy', { exact: true }).waitFor();
    assert.equal((await shownPolicy('orders', 'products')).policy['tries'], 2);
  },
  printedAddress,
);

pageTest('an order placed on the page has a whole story; its lines are with the engine', async (page) => {
  await stopOrdering();
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  await page.getByRole('button', { name: 'Place order', exact: true }).click();
  await page.getByText(/Order \d+ is placed/).click();
  await page.getByRole('heading', { name: 'CONFIRMED' }).waitFor();
  await page.getByText('✓ complete: one root, no orphan, no hop missing').waitFor();
  await page.getByText(/^\.\/mesh logs --order \d+$/).waitFor();
});

pageTest('what the page does not do itself is a command as it is typed where the mesh runs', async (page) => {
  await page.getByRole('link', { name: 'Faults', exact: true }).click();
  await page.getByText('./mesh fault process products --kill', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Map', exact: true }).click();
  await page.getByText('docker compose run --rm k6 steady --rate 20 --duration 1m').waitFor();
  await page.getByRole('link', { name: 'Experiments', exact: true }).click();
  await page.getByText('docker compose run --rm mesh experiment run abort-30').waitFor();
});
