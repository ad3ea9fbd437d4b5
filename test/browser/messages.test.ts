/** Messages: a dead letter is replayed and dropped, and one is made to go wrong. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { deadLetters, dropLetters, poisoned } from '../harness/dead-letters.ts';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

/** Ids of the dead letters, as the control service lists them. */
const letterIds = async () => (await deadLetters()).map(({ id }) => id);

pageTest('a dead letter is shown with its reason, replayed, and dropped on the page', async (page) => {
  const id = await poisoned('not-json');
  const isDead = async () => (await letterIds()).includes(id);
  await eventually('it is a dead letter', isDead);
  await page.getByRole('link', { name: 'Messages', exact: true }).click();
  await page.getByRole('link', { name: id }).click();
  await page.getByRole('heading', { name: id }).waitFor();
  await page.getByText(/JSON/).first().waitFor();
  assert.match(page.url(), /letter=/);

  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByText(`${id}: sent again to products.orders`).waitFor();
  // products can handle it as little as before
  await eventually('it is dead again', isDead);
  await page.getByLabel('why, for the client that ordered').fill('made by a test');
  await page.getByText("--reason 'made by a test'").waitFor();
  await page.getByRole('button', { name: 'Drop for good' }).click();
  await page.getByText(`${id}: dropped`).waitFor();
  await eventually('it is gone', async () => !(await isDead()));
  await page.getByText('There are no dead letters.').waitFor();
});

pageTest('a message is made to go wrong on the page, with the command that does the same', async (page) => {
  const before = await letterIds();
  await page.getByRole('link', { name: 'Faults', exact: true }).click();
  await page.getByLabel('message', { exact: true }).selectOption('no-id');
  await page.getByLabel('consumer', { exact: true }).selectOption('orders');
  await page.getByText('fault message --poison no-id --to orders').waitFor();
  await page.getByRole('button', { name: 'Make it', exact: true }).click();
  await page.getByText('It is in orders.stock').waitFor();
  const came = async () => (await letterIds()).filter((id) => !before.includes(id));
  await eventually('it is a dead letter', async () => (await came()).length === 1);
  await dropLetters(await came());

  await page.getByLabel('message', { exact: true }).selectOption('duplicate');
  await page.getByLabel('of order', { exact: true }).fill('2000000000');
  await page.getByText('fault message --duplicate --order 2000000000').waitFor();
  await page.getByRole('button', { name: 'Make it', exact: true }).click();
  await page.getByText('There is no order 2000000000').waitFor();
});
