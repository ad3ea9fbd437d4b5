/**
 * The console of a mesh in containers, in a real browser: what it shows otherwise than natively. The tests of the map, of dead letters,
 * of stopped servers and of access (`test/browser`) run there as they are.
 */
import { after } from 'node:test';
import { closeBrowser, orderOnPage, pageTest } from '../browser/console.ts';

after(closeBrowser);

pageTest('an order placed on the page has a whole story; its lines are with the engine', async (page) => {
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  await (await orderOnPage(page)).click();
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
