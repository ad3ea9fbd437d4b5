/** Experiments: a run is listed with its verdict; its page opens, and no script in it runs. Natively: reports are files here. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { experimentFiles, runDirectory, runStamp } from '@microshop/program-kit/run-directory';
import { instanceNumber } from '@microshop/topology';
import { listedFaults } from '../harness/faults.ts';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

pageTest('a run is listed with its verdict, and a script in its page does nothing', async (page, t) => {
  const name = 'of-the-browser';
  const folder = path.join(runDirectory(instanceNumber()).experiments, `${name}-${runStamp()}`);
  await mkdir(folder, { recursive: true });
  t.after(() => rm(folder, { recursive: true }));
  const report = {
    hypothesis: 'It holds.',
    verdict: 'FAIL',
    reasons: ['I6 is broken'],
    command: './mesh none',
  };
  await writeFile(path.join(folder, experimentFiles.report), JSON.stringify(report));
  const evil = "document.title = 'ran'; fetch('/api/faults').then(() => { document.title = 'asked'; })";
  await writeFile(
    path.join(folder, experimentFiles.page),
    `<!doctype html><title>whole</title><h1>The report</h1><script>${evil}</script>`,
  );

  await page.getByRole('link', { name: 'Experiments', exact: true }).click();
  await page.getByLabel('experiment', { exact: true }).selectOption(name);
  await page.waitForURL(/name=of-the-browser/);
  await page.getByText('✗ FAIL').waitFor();
  await page.getByText('I6 is broken').waitFor();
  const [opened] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: `open the report of ${path.basename(folder)}` }).click(),
  ]);
  await opened.getByRole('heading', { name: 'The report' }).waitFor();
  assert.equal(await opened.title(), 'whole');
});

pageTest('an experiment is started on the page, watched, and ended early', async (page) => {
  await page.getByRole('link', { name: 'Experiments', exact: true }).click();
  await page.getByLabel('run', { exact: true }).selectOption('abort-100');
  await page.getByRole('button', { name: 'Run abort-100', exact: true }).click();
  await page.getByText('abort-100: … under way').waitFor();
  // until it has the mesh there is nothing to give back
  await page.locator('.lines', { hasText: 'abort-100: steady' }).waitFor();
  await page.getByRole('rowheader', { name: 'abort-100' }).first().waitFor();
  await page.getByRole('button', { name: 'End it early' }).click();
  await page.getByText('abort-100: ? INVALID').waitFor();
  assert.deepEqual(await listedFaults(), []);
});
