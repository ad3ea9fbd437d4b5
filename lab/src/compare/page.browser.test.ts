/** The page of a comparison in a browser that has no network: both charts are drawn, and the console stays empty. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { comparisonPage, comparisonPageName } from './page.ts';
import { someComparison, someComparisonParts } from './testing.ts';

/** Where Debian has it. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const skip = existsSync(executablePath) ? false : `there is no ${executablePath}`;

test('drawn within the width of a screen and of a phone', { skip }, async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'page-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, comparisonPageName);
  await writeFile(file, comparisonPage(someComparison(), someComparisonParts));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('requestfailed', (request) => said.push(request.url()));
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(pathToFileURL(file).href);
    const charts = await page
      .locator('section > svg')
      .evaluateAll((svgs) =>
        svgs.map((svg) => [
          svg.getBoundingClientRect().width > 300,
          svg.querySelectorAll('path[fill^="var("], path[stroke^="var("]').length > 0,
        ]),
      );
    assert.deepEqual(charts, [
      [true, true],
      [true, true],
    ]);
    const scrolls = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(scrolls <= width, `the page is ${scrolls} pixels wide on a screen of ${width}`);
  }
  assert.deepEqual(said, []);
});
