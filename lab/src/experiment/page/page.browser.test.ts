/** The page in a browser that has no network: every chart is drawn, and the console stays empty. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { pageOf } from './page.ts';
import { someParts, someReport } from './testing.ts';

/** Where Debian has it. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const skip = existsSync(executablePath) ? false : `there is no ${executablePath}`;

for (const colorScheme of ['light', 'dark'] as const) {
  test(`drawn in ${colorScheme}, within the width of a screen and of a phone`, { skip }, async (t) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'page-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = path.join(directory, 'experiment.html');
    await writeFile(file, pageOf(someReport, someParts));
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    t.after(() => browser.close());
    const context = await browser.newContext({ colorScheme, offline: true });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('requestfailed', (request) => said.push(request.url()));
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(pathToFileURL(file).href);
      const charts = await page.locator('section > svg').evaluateAll((svgs) =>
        svgs.map((svg) => ({
          title: svg.querySelector('title')?.textContent ?? '',
          width: svg.getBoundingClientRect().width,
          // what stands for data, and not for an axis
          drawn: svg.querySelectorAll('path[fill^="var("], path[stroke^="var("]').length,
        })),
      );
      assert.equal(charts.length, 4);
      for (const chart of charts) {
        assert.ok(chart.width > 300 && chart.drawn > 0, JSON.stringify(chart));
      }
      const scrolls = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(scrolls <= width, `the page is ${scrolls} pixels wide on a screen of ${width}`);
    }
    const bar = page.locator('.waterfall .bar i').first();
    assert.equal(await bar.isVisible(), false);
    await page.locator('summary').first().click();
    assert.equal(await bar.isVisible(), true);
    assert.equal(
      await page.evaluate('getComputedStyle(document.body).backgroundColor'),
      colorScheme === 'light' ? 'rgb(245, 246, 248)' : 'rgb(13, 17, 23)',
    );
    assert.deepEqual(said, []);
  });
}
