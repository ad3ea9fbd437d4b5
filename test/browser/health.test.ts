/** Health: an audit that is run on the page. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Page } from 'playwright-core';
import { command } from '../harness/faults.ts';
import { endOf, newProduct, newUser, orderPlaced } from '../harness/shop.ts';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

/** The row of an invariant. */
const lightOf = (page: Page, id: string) =>
  page.locator('tr', { has: page.getByRole('link', { name: id, exact: true }) });

const words = { OK: '✓ holds', BROKEN: '✗ broken', UNKNOWN: '? not known' } as const;

pageTest(
  'an audit that is run on the page says what the command says, a light for each invariant',
  async (page) => {
    const [user, product] = await Promise.all([newUser(), newProduct(10)]);
    const { body } = await orderPlaced({ user_id: user.id, product_id: product.id, quantity: 1 });
    await endOf(body.id);
    await page.getByRole('link', { name: 'Health', exact: true }).click();
    await page.getByRole('button', { name: 'Run an audit' }).click();
    await page.getByText(/^Audited: \d+ orders/).waitFor();
    await page.getByText(/I1 to I4 by the audit of \d\d:\d\d:\d\d/).waitFor();
    const { invariants }: { invariants: { id: string; verdict: keyof typeof words }[] } = JSON.parse(
      await command('audit', '--json'),
    );
    assert.equal(invariants.length, 5);
    for (const { id, verdict } of invariants) await lightOf(page, id).getByText(words[verdict]).waitFor();
    for (const id of ['I5', 'I6', 'I7', 'I8']) await lightOf(page, id).waitFor();
    await lightOf(page, 'I7').getByText(words.UNKNOWN).waitFor();
    await page.getByRole('link', { name: 'I7', exact: true }).click();
    await lightOf(page, 'I7')
      .getByText(/only an experiment knows/)
      .waitFor();
    await page.reload();
    await lightOf(page, 'I7')
      .getByText(/only an experiment knows/)
      .waitFor();
  },
);
