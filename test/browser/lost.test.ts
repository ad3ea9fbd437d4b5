/** The page when the control service stands still or refuses, as far as the page can tell, and when an address names nothing. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Page } from 'playwright-core';
import { closeBrowser, newPage, pageTest, patienceMs } from './console.ts';

after(closeBrowser);

const live = '● live';
const lost = /^○ not live/;
const stream = '**/api/console/live';

pageTest(
  'figures of a service that stands still are not called live, and the page goes on after it',
  async (page) => {
    await page.getByText(live).waitFor();
    // an open connection without an answer, as a suspended process leaves it
    await page.route(stream, () => undefined);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText(lost).waitFor();
    await page.unroute(stream);
    await page.getByText(live).waitFor();
  },
);

pageTest('a stream that is refused is asked for again', async (page) => {
  await page.getByText(live).waitFor();
  await page.route(stream, (route) => route.fulfill({ status: 503, body: '{}' }));
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText(lost).waitFor();
  await page.unroute(stream);
  await page.getByText(live).waitFor();
});

/** A browser has six connections to an address: with one for each page, two would wait for good. */
const pagesAtOnce = 8;

/** Resolves when each of them has newer figures than when it was asked. */
async function haveNewFigures(pages: readonly Page[]): Promise<void> {
  const momentOf = (page: Page) => page.locator('.legend time').getAttribute('datetime');
  const before = await Promise.all(pages.map(momentOf));
  await eventually(
    'every page has newer figures',
    async () => {
      const now = await Promise.all(pages.map(momentOf));
      return now.every((moment, index) => moment !== before[index]);
    },
    patienceMs,
  );
}

pageTest('eight pages in one browser are live and answer, also when the first is closed', async (page) => {
  await haveNewFigures([page]);
  const { origin } = new URL(page.url());
  const streams: string[] = [];
  page.context().on('request', (request) => {
    if (request.url().endsWith('/api/console/live')) streams.push(request.url());
  });
  const others: Page[] = [];
  while (others.length < pagesAtOnce - 1) {
    const other = await page.context().newPage();
    await other.goto(origin);
    others.push(other);
  }
  await haveNewFigures([page, ...others]);
  assert.deepEqual(streams, [], 'only the first page listens to the service');
  for (const other of others) {
    await other.getByRole('link', { name: 'Health', exact: true }).click();
    await other.getByText(/^Alerts/).waitFor();
    await other.getByText(/are quiet$/).waitFor();
    await other.getByRole('link', { name: 'Map', exact: true }).click();
    await other.getByText(live).waitFor();
  }
  await page.close();
  await haveNewFigures(others);
  assert.equal(streams.length, 1);
});

pageTest('a page that nobody sees leaves the stream to one that is seen', async (page) => {
  await page.getByText(live).waitFor();
  const other = await page.context().newPage();
  const listens = other.waitForRequest('**/api/console/live');
  await other.goto(page.url());
  await other.getByText(live).waitFor();
  // a browser without a window calls every page seen
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange'));`);
  await listens;
  await haveNewFigures([other]);
});

pageTest(
  'an address that names nothing says so, asks for nothing of that name, and leaves the other views',
  async (page, t) => {
    const { origin } = new URL(page.url());
    const other = await newPage(t);
    const asked: string[] = [];
    other.on('request', (request) => asked.push(request.url()));
    for (const path of [
      '/orders/1%2F..%2F..%2F..%2Ffaults',
      '/orders/1;reboot',
      '/traces/..%2F..%2Ffaults',
      '/dashboards/..%2Fsession',
      '/orders/2147483648',
      '/nope',
      '/nope/nope?nope=nope',
    ]) {
      await other.goto(origin + path);
      await other.getByText('There is no such view.').waitFor();
    }
    const ofPage = ['overview', 'live', 'session', 'dashboards'].map((name) => `/api/console/${name}`);
    const others = asked.map((url) => new URL(url).pathname).filter((path) => path.startsWith('/api/'));
    assert.deepEqual(
      others.filter((path) => !ofPage.includes(path)),
      [],
    );
    await other.getByRole('link', { name: 'Map', exact: true }).click();
    await other.getByText(live).waitFor();
  },
);

pageTest(
  'what an address says that cannot be is left out, and what there is not is not waited for',
  async (page) => {
    const { origin } = new URL(page.url());
    // a time that has no date, and more minutes than are kept
    await page.goto(`${origin}/dashboards/service?until=9000000000000000&minutes=100000`);
    await page.getByRole('heading', { name: 'Service', exact: true }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Now', exact: true }).count(), 0);
    assert.equal(await page.locator('.notice.bad').count(), 0);
    await page.goto(`${origin}/dashboards/nope`);
    const refusal = page.locator('.notice.bad', { hasText: 'There is no dashboard "nope"' });
    await refusal.waitFor();
    assert.doesNotMatch((await refusal.textContent()) ?? '', /by itself/);
  },
);

pageTest('what is wrong with an address stands there while it is asked again', async (page) => {
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/traces/${'a'.repeat(32)}`);
  await page.locator('.notice.bad').waitFor();
  const gone = await page.evaluate(`new Promise((resolve) => {
    const end = setTimeout(() => resolve(false), 5000);
    new MutationObserver(() => {
      if (document.querySelector('.notice.bad') !== null) return;
      clearTimeout(end);
      resolve(true);
    }).observe(document.body, { childList: true, subtree: true });
  })`);
  assert.equal(gone, false);
});
