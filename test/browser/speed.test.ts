/** How soon the first view is there, and how much the browser loads for it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { consolePage } from '@microshop/deploy/programs';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { closeBrowser, newPage, pageAddress, pageTest } from './console.ts';

after(closeBrowser);

/** Bytes of scripts and styles that the page names, gzipped. */
const entryBytes = 300_000;

/** How often the page is opened. */
const opened = 5;

pageTest('what draws the map is asked for before the mesh has been read', async (_page, t) => {
  const took: number[] = [];
  for (let time = 0; time < opened; time += 1) {
    const address = await pageAddress();
    const page = await newPage(t);
    const began = performance.now();
    await page.goto(address);
    await page.locator('[data-edge]').first().waitFor();
    took.push(performance.now() - began);
    const asked = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => ({ name: entry.name, begin: entry.startTime })),
    );
    const beginOf = (name: RegExp) => asked.find((entry) => name.test(entry.name))?.begin ?? Number.NaN;
    const [graph, overview] = [beginOf(/\/graph-[^/]*\.js$/), beginOf(/\/console\/overview$/)];
    assert.ok(graph < overview, `${graph} ms, ${overview} ms`);
  }
  // a time that depends on what else the machine does
  const sorted = took.toSorted((one, other) => one - other).map((ms) => ms.toFixed(0));
  t.diagnostic(`the map was there after ${sorted.join(', ')} ms`);
});

const built = path.join(repositoryRoot, consolePage);

test('what draws a view is loaded when it is opened', () => {
  const router = readFileSync(path.join(repositoryRoot, 'console/src/app/router.tsx'), 'utf8');
  const views = new Set(
    [...router.matchAll(/import\('\.\.\/\w+\/([\w-]+)\.tsx'\)/g)].map(([, name = '']) => name),
  );
  assert.ok(views.size > 5);
  const files = readdirSync(path.join(built, 'assets'));
  assert.deepEqual(
    [...views].filter((name) => !files.some((file) => file.startsWith(`${name}-`) && file.endsWith('.js'))),
    [],
  );
});

test('what the page loads before anything else is at most 300 kB', () => {
  const html = readFileSync(path.join(built, 'index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
    ([, file = '']) => file,
  );
  assert.ok(files.length >= 2, html);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(built, file))).length, 0);
  assert.ok(bytes <= entryBytes, `${files.join(', ')}: ${bytes} bytes`);
});
