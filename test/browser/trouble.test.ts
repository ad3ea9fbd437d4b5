/** Trouble: by clicks from the map alone it is found where, since when, and whom it hurt; and it is taken away. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Locator } from 'playwright-core';
import { change, clearFaults, listedFaults } from '../harness/faults.ts';
import { closeBrowser, edgeOnMap, goOnOrdering, pageTest, patienceMs, stopOrdering } from './console.ts';

after(closeBrowser);

/** The fault's delay, milliseconds: more than clients are promised, less than one attempt may take. */
const delayMs = 600;

/** How far from the fault its begin may be dated, milliseconds: counts are those of 20 s, read each 5 s. */
const datedWithinMs = 40_000;

const products = 'orders → products';

/** `14:03:07` in this place, as milliseconds since the epoch. */
function timeIn(text: string | null): number {
  const [, hours = '', minutes = '', seconds = ''] = /(\d\d):(\d\d):(\d\d)/.exec(text ?? '') ?? [];
  return new Date().setHours(Number(hours), Number(minutes), Number(seconds), 0);
}

/** The longest time in a text, `612 ms` or `1.25 s`, milliseconds; 0 when there is none. */
function tookOf(text: string): number {
  const times = [...text.matchAll(/([\d.]+)\s(ms|s)\b/g)];
  return Math.max(0, ...times.map(([, figure, unit]) => Number(figure) * (unit === 's' ? 1000 : 1)));
}

pageTest(
  'in at most six clicks: which service is slow, since when, an order it hurt, and the end of it',
  async (page, t) => {
    t.after(stopOrdering);
    t.after(clearFaults);
    let clicks = 0;
    const click = async (place: Locator) => {
      clicks += 1;
      await place.click();
    };
    await goOnOrdering(10);
    // what is bad before cannot become so
    await page.locator(`${edgeOnMap(products)}:not(.idle):not(.bad)`).waitFor();
    const setAt = Date.now();
    await change('POST', '/api/faults', {
      service: 'products',
      from: 'orders',
      delay_ms: delayMs,
      percent: 100,
    });

    const status = page.getByRole('status');
    const named = status.getByRole('link', { name: products, exact: true });
    await named.waitFor();
    // whoever waits for it is no beginning, however slow; what the machine makes slow beside it may be
    await status.getByRole('link', { name: 'gateway → orders', exact: true }).waitFor({ state: 'detached' });
    await goOnOrdering(10);
    await click(named);
    const panel = page.getByRole('complementary', { name: `Edge ${products}` });
    await panel.getByText(/^✗ slow: p95 /).waitFor();
    const since = timeIn(await panel.getByText(/^Since \d\d:\d\d:\d\d/).textContent());
    assert.ok(Math.abs(since - setAt) < datedWithinMs, `${since - setAt} ms after the fault`);

    // the slowest come first; one of before the fault may be among them
    const order = await eventually(
      'an order that it hurt is among the slowest',
      async () => {
        const items = await panel.getByRole('listitem').allTextContents();
        const text = items.find((item) => tookOf(item) >= delayMs && timeIn(item) >= setAt);
        return /order \d+$/.exec(text ?? '')?.[0];
      },
      patienceMs,
    );
    await click(panel.getByRole('link', { name: order, exact: true }).first());
    await page.getByRole('heading', { name: order, exact: false }).waitFor();
    await eventually(
      'its story shows where it waited',
      async () => {
        const rows = await page
          .locator('.waterfall tbody tr', { hasText: 'orders-sidecar' })
          .allTextContents();
        return rows.some((text) => tookOf(text) >= delayMs);
      },
      patienceMs,
    );

    await click(page.getByRole('link', { name: 'Map', exact: true }));
    await click(named);
    await goOnOrdering(10);
    await click(panel.getByRole('button', { name: 'Clear faults of products' }));
    await eventually('the fault is gone', async () => (await listedFaults()).length === 0);
    // again with traffic, and not bad: how well it is, the machine decides
    await page.locator(`${edgeOnMap(products)}:not(.idle):not(.bad)`).waitFor();
    await page.locator(`${edgeOnMap(products)} .badge.fault`).waitFor({ state: 'detached' });
    assert.ok(clicks <= 6, `${clicks} clicks`);
  },
);
