/** Every view, on a laptop and a phone, light and dark: whole, and usable without seeing or a mouse. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Page } from 'playwright-core';
import { closeBrowser, pageTest, seriousFindings, sizes } from './console.ts';

after(closeBrowser);

const views = [
  { path: '/', shown: '[data-edge]' },
  { path: '/?edge=orders%20%E2%86%92%20products', shown: '.edge-panel .chart' },
  { path: '/orders', shown: 'h1' },
  { path: '/orders/1', shown: 'h1' },
  { path: '/faults', shown: 'h1' },
  { path: '/messages', shown: 'tbody tr' },
  { path: '/health', shown: 'tbody tr' },
  { path: '/dashboards', shown: 'h2' },
  { path: '/dashboards/shop-overview', shown: '.panel svg' },
  { path: '/experiments', shown: 'h2' },
  { path: '/parts', shown: 'tbody tr' },
] as const;

/** What is seen now fits into the window, and axe finds nothing serious. */
async function assertWhole(page: Page, size: (typeof sizes)[number], what: string): Promise<void> {
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
  assert.ok(wide <= size.width, `${what} is ${wide} wide`);
  const high = Number(await page.evaluate('document.documentElement.scrollHeight'));
  assert.ok(high <= size.height, `${what} scrolls the whole page: ${high} high`);
  assert.deepEqual(await seriousFindings(page), [], what);
}

for (const size of sizes) {
  pageTest(
    `every view is whole on a ${size.name}, light and dark, and axe finds nothing serious`,
    async (page) => {
      await page.setViewportSize(size);
      const { origin } = new URL(page.url());
      for (const { path, shown } of views) {
        await page.evaluate(() => localStorage.setItem('theme', 'light'));
        await page.goto(origin + path);
        await page.locator(shown).first().waitFor();
        await assertWhole(page, size, `${path}, light`);
        // by the key, which reaches it whatever lies over it on a phone
        await page.getByRole('button', { name: 'Dark colours', exact: true }).press('Enter');
        await page.locator(':root[data-theme="dark"]').waitFor();
        await assertWhole(page, size, `${path}, dark`);
      }
    },
  );
}

pageTest('a chart takes the colours of the theme at once, also on a page that is paused', async (page) => {
  const { origin } = new URL(page.url());
  await page.evaluate(() => localStorage.setItem('theme', 'light'));
  await page.goto(`${origin}/?edge=orders%20%E2%86%92%20products&paused=true`);
  const coloured = async () => {
    const colour = String(
      await page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('--soft')`),
    );
    await page.locator(`.chart svg text[fill="${colour.trim()}"]`).first().waitFor({ state: 'attached' });
    return colour;
  };
  const light = await coloured();
  await page.getByRole('button', { name: 'Dark colours', exact: true }).click();
  assert.notEqual(await coloured(), light);
});

pageTest('what is wrong with an edge is read whole in its panel, however long it is', async (page) => {
  await page.setViewportSize(sizes[1]);
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/?edge=orders%20%E2%86%92%20products`);
  await page.locator('.edge-panel .chart').first().waitFor();
  const spare = await page.evaluate(`(() => {
    const panel = document.querySelector('.edge-panel');
    const line = document.createElement('li');
    line.className = 'state bad';
    line.textContent = '✗ slow: p95 604 ms, of the 500 ms that a whole order may take';
    panel.append(line);
    return panel.clientWidth - panel.scrollWidth;
  })()`);
  assert.equal(spare, 0);
});

pageTest('what is paused stays so from view to view, until it goes on', async (page) => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('‖ paused').waitFor();
  await page.getByRole('link', { name: 'Health', exact: true }).click();
  await page.getByRole('link', { name: 'Each part' }).click();
  await page.waitForURL(/\/parts\?.*paused=true/);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('● live').waitFor();
  assert.equal(new URL(page.url()).search, '');
});
