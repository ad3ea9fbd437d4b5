/** Dashboards: every panel of the committed JSON is drawn, faults are marked, what is chosen stands in the address. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { parseDashboard } from '@microshop/grafana';
import { withFaults } from '../harness/faults.ts';
import { closeBrowser, goOnOrdering, pageTest, stopOrdering } from './console.ts';

after(async () => {
  await stopOrdering();
  await closeBrowser();
});

const folder = path.resolve(import.meta.dirname, '../../grafana/dashboards');

/** Panels that are no titles of rows. */
function panelsOf(uid: string) {
  const { panels } = parseDashboard(readFileSync(path.join(folder, `${uid}.json`), 'utf8'));
  return panels.filter(({ type }) => type !== 'row');
}

const uids = ['mesh', 'messaging', 'service', 'shop-overview', 'telemetry-health', 'traffic-and-faults'];

pageTest('each of the six draws every panel of its JSON', async (page) => {
  const { origin } = new URL(page.url());
  for (const uid of uids) {
    await page.goto(`${origin}/dashboards/${uid}`);
    const panels = panelsOf(uid);
    await page
      .locator('.panel')
      .nth(panels.length - 1)
      .waitFor();
    // drawn where it is seen or not: a picture has at least its title
    for (const [index, { title }] of panels.entries()) {
      const panel = page.locator('.panel').nth(index);
      await panel.locator('svg text').first().waitFor({ state: 'attached' });
      assert.equal(await panel.locator('caption').textContent(), title, uid);
    }
    assert.equal(await page.locator('.panel').count(), panels.length, uid);
    assert.equal(await page.getByText(/is not drawn here/).count(), 0, uid);
  }
});

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
  async (page) => {
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
