/** Dashboards: every panel of the committed JSON is drawn. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { parseDashboard } from '@microshop/grafana';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

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
