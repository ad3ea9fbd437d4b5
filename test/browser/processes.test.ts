/** Processes made to fail from the page, which only a native mesh has within reach. */
import { after } from 'node:test';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

pageTest('a process is made to fail on the page, and what cannot be done to it is refused', async (page) => {
  await page.getByRole('link', { name: 'Faults', exact: true }).click();
  await page.getByLabel('process', { exact: true }).selectOption('redis');
  await page.getByLabel('what happens').selectOption('down');
  await page.getByLabel('for seconds').fill('5');
  await page.getByText('./mesh fault process redis --down --for 5s').waitFor();
  await page.getByRole('button', { name: 'Make it fail' }).click();
  await page.getByText(/^redis \(pid \d+\) is down; it is started again in 5 s$/).waitFor();
  await page.getByText('✗ redis does not answer').waitFor();
  await page.getByText('✗ redis does not answer').waitFor({ state: 'detached' });
  await page.getByLabel('what happens').selectOption('read-only');
  await page.getByRole('button', { name: 'Make it fail' }).click();
  await page.locator('.said.bad').waitFor();
});
