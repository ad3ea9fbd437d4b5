/** Orders: placed on the page, told whole, found again. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after } from 'node:test';
import { orderPlaced } from '../harness/shop.ts';
import { closeBrowser, orderOnPage, pageTest } from './console.ts';

after(closeBrowser);

pageTest(
  'an order that is placed on the page has a story: its end, whole trace, events, stock, lines',
  async (page) => {
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await (await orderOnPage(page)).click();
    await page.getByRole('heading', { name: 'CONFIRMED' }).waitFor();
    await page.getByText('✓ complete: one root, no orphan, no hop missing').waitFor();
    assert.ok((await page.locator('.waterfall tbody tr').count()) > 20);
    for (const wait of ['wait in the outbox', 'wait in the queue']) {
      assert.ok((await page.locator('.waterfall .wait').getByText(wait).count()) > 0, wait);
    }
    for (const event of ['ORDER_CREATED', 'STOCK_RESERVED'])
      await page.getByRole('rowheader', { name: event }).waitFor();
    await page.getByText('stock of product 1: -1').waitFor();
    await page.locator('.logs').getByText('order accepted').first().waitFor();

    const traceId =
      (await page
        .locator('.facts')
        .getByText(/^[0-9a-f]{32}$/)
        .textContent()) ?? '';
    const id = (await page.getByRole('heading', { level: 1 }).textContent())?.replace('Order ', '') ?? '';
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    for (const text of [id, traceId]) {
      await page.getByRole('searchbox').fill(text);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL((url) => url.search.includes(text));
      await page.getByRole('link', { name: id, exact: true }).waitFor();
    }
  },
);

pageTest('an order that the shop refuses says why, and leads to its trace', async (page) => {
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  await page.getByLabel('product', { exact: true }).fill('999999');
  await page.getByRole('button', { name: 'Place order', exact: true }).click();
  await page.getByText('Refused: 400 not_found').waitFor();
  await page.getByRole('link', { name: 'Its trace' }).click();
  await page.locator('.waterfall tbody tr').first().waitFor();
});

pageTest('an order is found by its key, one that looks like an id or a trace as well', async (page) => {
  const keys = [String(randomInt(1_000_000, 9_999_999)), randomBytes(16).toString('hex')];
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  for (const key of keys) {
    const { id } = (await orderPlaced({ user_id: 1, product_id: 1, quantity: 1 }, key)).body;
    await page.getByRole('searchbox').fill(key);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL((url) => url.search.includes(key));
    await page.getByRole('link', { name: String(id), exact: true }).waitFor();
  }
});

pageTest('a field without its number leaves the command whole', async (page) => {
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  const user = page.getByRole('spinbutton', { name: 'user' });
  await user.fill('');
  await page.getByText('order --user 1 --product 1 --quantity 1').waitFor({ timeout: 5000 });
  assert.equal(await user.inputValue(), '');
  await user.fill('2');
  await page.getByText('order --user 2 --product 1 --quantity 1').waitFor();
});
