/** Trouble: by clicks from the map alone it is found where, since when, and whom it hurt; and it is taken away. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Locator } from 'playwright-core';
import { askControl } from '../harness/control.ts';
import { change, clearFaults, listedFaults } from '../harness/faults.ts';
import { closeBrowser, pageTest } from './console.ts';

after(async () => {
  await clearFaults();
  await closeBrowser();
});

/** The fault's delay, milliseconds: more than clients are promised, less than one attempt may take. */
const delayMs = 600;

/** How far from the fault its begin may be dated, milliseconds: counts are those of 20 s, read each 5 s. */
const datedWithinMs = 40_000;

/** Orders, for a minute from now on. */
async function goOnOrdering(): Promise<void> {
  const { status, text } = await askControl('POST', '/api/console/traffic', { rate: 10, seconds: 60 });
  assert.equal(status, 200, text);
}

/** `14:03:07` in this place, as milliseconds since the epoch. */
function timeIn(text: string | null): number {
  const [, hours = '', minutes = '', seconds = ''] = /(\d\d):(\d\d):(\d\d)/.exec(text ?? '') ?? [];
  return new Date().setHours(Number(hours), Number(minutes), Number(seconds), 0);
}

pageTest(
  'in at most six clicks: which service is slow, since when, an order it hurt, and the end of it',
  async (page) => {
    let clicks = 0;
    const click = async (place: Locator) => {
      clicks += 1;
      await place.click();
    };
    await goOnOrdering();
    await page.locator('[data-edge="orders → products"].good').waitFor({ timeout: 60_000 });
    const setAt = Date.now();
    await change('POST', '/api/faults', {
      service: 'products',
      from: 'orders',
      delay_ms: delayMs,
      percent: 100,
    });

    const named = page.getByRole('status').getByRole('link');
    await eventually(
      'the map names the one edge at which it begins',
      async () => {
        const names = await named.allTextContents();
        return names.length === 1 && names[0] === 'orders → products';
      },
      60_000,
    );
    await goOnOrdering();
    await click(named);
    const panel = page.getByRole('complementary', { name: 'Edge orders → products' });
    await panel.getByText(/^✗ slow: p95 /).waitFor();
    const since = timeIn(await panel.getByText(/^Since \d\d:\d\d:\d\d/).textContent());
    assert.ok(Math.abs(since - setAt) < datedWithinMs, `${since - setAt} ms after the fault`);

    // the slowest come first; those of before the fault are not among them once it is read again
    const hurt = panel
      .getByRole('listitem')
      .filter({ hasText: /^\W*[6-9]\d\d ms/ })
      .getByRole('link', { name: /^order \d+$/ })
      .first();
    const order = (await hurt.textContent({ timeout: 40_000 })) ?? '';
    await click(hurt);
    await page.getByRole('heading', { name: order, exact: false }).waitFor();
    await page
      .locator('.waterfall tbody tr', { hasText: 'orders-sidecar' })
      .filter({ hasText: /[6-9]\d\d ms/ })
      .first()
      .waitFor({ timeout: 30_000 });

    await click(page.getByRole('link', { name: 'Map', exact: true }));
    await click(named);
    await goOnOrdering();
    await click(panel.getByRole('button', { name: 'Clear faults of products' }));
    await eventually('the fault is gone', async () => (await listedFaults()).length === 0);
    await named.waitFor({ state: 'detached', timeout: 60_000 });
    await page.locator('[data-edge="orders → products"].good').waitFor({ timeout: 60_000 });
    assert.ok(clicks <= 6, `${clicks} clicks`);
  },
);
