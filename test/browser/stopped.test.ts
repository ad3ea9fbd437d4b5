/** The page when the control service is stopped. */
import { after } from 'node:test';
import { mesh } from '../harness/mesh.ts';
import { closeBrowser, newPage, pageTest } from './console.ts';

after(closeBrowser);

pageTest('a view that is opened first while the service is stopped comes by itself', async (opened, t) => {
  // a page of its own: what gets no answer is logged by the browser as an error
  const page = await newPage(t);
  const { origin } = new URL(opened.url());
  await opened.close();
  await page.goto(origin);
  await page.getByText('● live').waitFor();
  await mesh.stop('control');
  try {
    await page.getByText(/^○ not live/).waitFor();
    await page.getByRole('link', { name: 'Health', exact: true }).click();
    await page.waitForURL('**/health');
    await page.getByRole('alert').getByText('The control service does not answer').waitFor();
  } finally {
    await mesh.start('control');
  }
  await page.getByRole('heading', { name: 'Health', exact: true }).waitFor();
});
