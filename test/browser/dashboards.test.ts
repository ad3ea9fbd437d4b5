/** Dashboards: faults are marked, what is chosen stands in the address, a dot leads to its trace. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { withFaults } from '../harness/faults.ts';
import { closeBrowser, goOnOrdering, pageTest, stopOrdering } from './console.ts';

after(closeBrowser);

pageTest('a fault is a mark on the dashboard, and time and choices stand in the address', async (page) => {
  await page.getByRole('link', { name: 'Dashboards', exact: true }).click();
  await page.getByRole('link', { name: 'Service', exact: true }).click();
  await page.getByLabel('shows').selectOption('5');
  await page.getByLabel('Service', { exact: true }).selectOption('users');
  await page.waitForURL(/minutes=5/);
  await page.waitForURL(/service%3Ausers|service:users/);
  await withFaults([{ service: 'products', abort: 503, percent: 30 }], async () => {
    await page.locator('.badge.fault').first().waitFor();
  });
  await page.reload();
  assert.equal(await page.getByLabel('shows').inputValue(), '5');
  assert.equal(await page.getByLabel('Service', { exact: true }).inputValue(), 'users');
  // it is over, and within what is shown
  await page.locator('.badge.fault').first().waitFor();
  await page.getByRole('link', { name: 'Earlier' }).click();
  await page.waitForURL(/until=\d{13}/);
  await page.getByRole('link', { name: 'Now', exact: true }).click();
  await page.waitForURL((url) => !url.search.includes('until'));
});

pageTest(
  'a dot on a latency leads to its trace, and the values under the pointer are shown',
  async (page, t) => {
    t.after(stopOrdering);
    await goOnOrdering(10);
    await page.getByRole('link', { name: 'Dashboards', exact: true }).click();
    await page.getByRole('link', { name: 'Shop overview', exact: true }).click();
    const panel = page
      .locator('.panel')
      .filter({ has: page.locator('caption', { hasText: /^Time to answer$/ }) });
    const dot = panel.getByRole('link', { name: /^Trace of .* at \d\d:\d\d:\d\d$/ }).last();
    await dot.waitFor();
    const { width = 0, height = 0 } = (await panel.boundingBox()) ?? {};
    await panel.hover({ position: { x: width - 40, y: height / 3 } });
    await panel.locator('svg text', { hasText: /^p99$/ }).nth(1).waitFor({ state: 'attached' });
    await dot.click();
    await page.waitForURL(/\/traces\/[0-9a-f]{32}/);
    await page.locator('.waterfall tbody tr').first().waitFor();
  },
);
