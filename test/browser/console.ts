/** The page of the console in a browser, opened by an address that opens it once. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { codeMark } from '@microshop/control/console/schemas';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { askControl } from '../harness/control.ts';
import { lateCodes } from '../harness/late.ts';
import { mesh } from '../harness/mesh.ts';
import { type OwnNetwork, ownNetwork } from './own-network.ts';

const executable = process.env['MESH_CHROMIUM'] || '/usr/bin/chromium';

/** Time for anything to come to the page, milliseconds: a deadline, long enough for a machine that does much else. */
export const patienceMs = 60_000;

/** Sizes in which each view must be whole. */
export const sizes = [
  { name: 'laptop', width: 1280, height: 720 },
  { name: 'phone', width: 390, height: 844 },
] as const;

/** An address that opens the page once, as `./mesh console` prints it. */
export async function printedAddress(): Promise<string> {
  const { code, stdout, stderr } = await mesh.cli(['console']);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** The same, made without the command, which takes a second to start. */
export async function pageAddress(): Promise<string> {
  const { status, text } = await askControl('POST', '/api/console/codes');
  assert.equal(status, 201, text);
  const { code }: { code: string } = JSON.parse(text);
  return `${mesh.control}/${codeMark}${code}`;
}

interface Opened {
  readonly browser: Browser;
  readonly network: OwnNetwork | undefined;
}

let opened: Promise<Opened> | undefined;

/** Starts the browser of this process, in a network of its own where it can have one. */
async function open(): Promise<Opened> {
  const network = await ownNetwork(executable);
  try {
    const browser = await chromium.launch({
      executablePath: network?.executable ?? executable,
      args: ['--no-sandbox'],
      ...(network === undefined ? {} : { proxy: network.proxy }),
    });
    return { browser, network };
  } catch (error) {
    await network?.close();
    throw error;
  }
}

/** Ends the browser of this process, if it is still there: each of its files asks for that at the end of all. */
export async function closeBrowser(): Promise<void> {
  const ending = opened;
  opened = undefined;
  const { browser, network } = (await ending) ?? {};
  await browser?.close();
  await network?.close();
}

/**
 * A page of a browser without cookies, whose person wants little motion: what moves on the map is drawn 60 times a second.
 * What it logs as an error, and what it asks for elsewhere, is kept.
 */
export async function newPage(t: TestContext, size = sizes[0]): Promise<Page> {
  opened ??= open();
  const context = await (await opened).browser.newContext({ viewport: size, reducedMotion: 'reduce' });
  context.setDefaultTimeout(patienceMs);
  t.after(() => context.close());
  return await context.newPage();
}

/**
 * A test with a page that may change the mesh; it fails where the page logs an error or asks for something elsewhere.
 * `addressOf` makes its address.
 */
export function pageTest(
  name: string,
  work: (page: Page, t: TestContext) => Promise<void>,
  addressOf: () => Promise<string> = pageAddress,
): void {
  const skip = existsSync(executable) ? false : `there is no browser at ${executable}`;
  test(name, { skip }, async (t) => {
    // before there is a browser: where the command runs in a container, networks change with it
    const address = await addressOf();
    const page = await newPage(t);
    const wrong: string[] = [];
    page.on('console', (message) => {
      // an answer that refuses is one that the page shows; the browser logs its status all the same
      const isStatus = message.text().startsWith('Failed to load resource: the server responded with');
      if (message.type() === 'error' && !isStatus) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${mesh.control}/`)) wrong.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await work(page, t);
    assert.deepEqual(wrong, []);
  });
}

/** Places an order on the page of orders, again where a busy machine was late with it; what says that it is placed. */
export async function orderOnPage(page: Page): Promise<Locator> {
  const placed = page.getByText(/Order \d+ is placed/);
  const late = page.getByText(new RegExp(`Refused: \\d+ (?:${lateCodes.join('|')})`));
  return await eventually(
    'an order is placed on the page',
    async () => {
      await page.getByRole('button', { name: 'Place order', exact: true }).click();
      await placed.or(late).waitFor();
      return (await placed.count()) > 0 ? placed : undefined;
    },
    patienceMs,
  );
}

/** An edge on the map, by its id. */
export const edgeOnMap = (id: string) => `[data-edge="${id}"]`;

/** Orders at that rate, for a minute from now on: as long as the longest wait for what they show. */
export async function goOnOrdering(rate: number): Promise<void> {
  const { status, text } = await askControl('POST', '/api/console/traffic', { rate, seconds: 60 });
  assert.equal(status, 200, text);
}

/** Ends them, for the tests that follow. */
export async function stopOrdering(): Promise<void> {
  const { status, text } = await askControl('DELETE', '/api/console/traffic');
  assert.equal(status, 200, text);
}

/** What axe finds that is serious or critical, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // what passes is counted by nobody: axe need not describe it. No view has frames, whose findings a page of axe's own would put together.
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode()
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
