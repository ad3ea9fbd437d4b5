/** The map: every edge after traffic, a fault that is set on it, a policy that is changed on it. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { callEdges, edgeNamed } from '@microshop/topology';
import type { Page } from 'playwright-core';
import { clearFaults, listedFaults, resetPolicies, shownPolicy } from '../harness/faults.ts';
import { valueAt } from '../harness/prometheus.ts';
import {
  closeBrowser,
  edgeOnMap as edge,
  goOnOrdering,
  pageTest,
  patienceMs,
  stopOrdering,
} from './console.ts';

after(closeBrowser);

const products = edge('orders → products');

/** The figures of orders → products on the map, and of which moment they are; undefined while the page draws newer ones. */
async function shown(page: Page) {
  const time = page.locator('.legend time');
  const at = await time.getAttribute('datetime');
  const text = (await page.locator(`${products} .line`).allTextContents()).join(' ');
  if (at === null || at !== (await time.getAttribute('datetime'))) return undefined;
  const [, rate, succeed, attempts] = /([\d.]+)\/s ([\d.]+)\s% .*×([\d.]+)/.exec(text) ?? [];
  if (attempts === undefined) return undefined;
  return { at: Date.parse(at), rate: Number(rate), succeed: Number(succeed), attempts: Number(attempts) };
}

/** Resolves when what stands for traffic has that animation: it must have none for who wants little motion. */
async function trafficMoves(page: Page, animation: 'moving' | 'none'): Promise<void> {
  const names = "[...document.querySelectorAll('.moving')].map((way) => getComputedStyle(way).animationName)";
  const read = async () => [...new Set(String(await page.evaluate(names)).split(','))].join();
  await eventually(`the animation is ${animation}`, async () => (await read()) === animation, patienceMs);
}

/** The same, as Prometheus counts it at that moment. */
async function counted(at: number) {
  const rateOf = (metric: string, more = '') =>
    `sum(rate(envoy_cluster_${metric}{service="orders", envoy_cluster_name="products"${more}}[20s]))`;
  const [answers, failures, calls, retries] = await Promise.all(
    [
      rateOf('upstream_rq_xx'),
      rateOf('upstream_rq_xx', ', envoy_response_code_class="5"'),
      rateOf('upstream_rq_completed'),
      rateOf('upstream_rq_retry'),
    ].map((query) => valueAt(query, at)),
  );
  const [rate = 0, failed = 0, called = 0, again = 0] = [answers, failures, calls, retries];
  return { rate, succeed: 100 * (1 - failed / rate), attempts: 1 + again / called };
}

pageTest(
  'a fault that is set on the map turns its edge bad, with the attempts that Prometheus counts',
  async (page, t) => {
    t.after(stopOrdering);
    t.after(clearFaults);
    await page.getByRole('button', { name: 'Place 20 orders/s' }).click();
    // orders go over these; the gateway's other edges have no traffic of their own
    for (const id of [
      'gateway → orders',
      'orders → users',
      'orders → products',
      'products → rabbitmq',
      'rabbitmq → orders',
    ]) {
      // well or not: how quick they are says something of the machine
      await page.locator(`${edge(id)}:not(.idle)`).waitFor();
    }
    for (const call of callEdges) await page.locator(edge(edgeNamed(call))).waitFor();
    await trafficMoves(page, 'none');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await trafficMoves(page, 'moving');
    await page.emulateMedia({ reducedMotion: 'reduce' });

    await goOnOrdering(10);
    await page.locator(products).click();
    await page.getByRole('button', { name: 'Set fault' }).click();
    await page.getByText('In effect.').waitFor();
    assert.deepEqual(
      (await listedFaults()).map(({ service, from }) => ({ service, from })),
      [{ service: 'products', from: 'orders' }],
    );
    await page.locator(`${products}.bad`).waitFor();
    // its panel names traces that failed
    await page
      .getByRole('complementary')
      .getByRole('listitem')
      .filter({ hasText: /^✗ .*order \d+$/ })
      .first()
      .waitFor();
    assert.match((await page.locator(products).textContent()) ?? '', /fault: answered 503, 30\s%/);
    await goOnOrdering(10);
    await eventually(
      'the page shows what Prometheus counts',
      async () => {
        const seen = await shown(page);
        if (seen === undefined) return false;
        const { rate, succeed, attempts } = await counted(seen.at);
        // as far as the page rounds
        const isSame =
          Math.abs(seen.rate - rate) <= 0.51 &&
          Math.abs(seen.succeed - succeed) <= 0.11 &&
          Math.abs(seen.attempts - attempts) <= 0.0051;
        return isSame && attempts > 1.2;
      },
      patienceMs,
    );

    await page.getByRole('button', { name: 'Clear faults of products' }).click();
    await eventually('the fault is gone', async () => (await listedFaults()).length === 0);
    await page.locator(`${products} .badge.fault`).waitFor({ state: 'detached' });
    // few enough for a busy machine to be in time with them
    await goOnOrdering(5);
    await eventually(
      'calls succeed again, at the first attempt but for what a slow machine retries',
      async () => {
        const seen = await shown(page);
        return seen !== undefined && seen.succeed > 99 && seen.attempts < 1.1;
      },
      patienceMs,
    );
  },
);

pageTest('a policy that is changed on the map is in effect, and is marked on the edge', async (page, t) => {
  t.after(resetPolicies);
  await page.locator(products).click();
  await page.getByLabel('to', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Apply policy' }).click();
  await page.getByText('In effect.').waitFor();
  const { policy, changed } = await shownPolicy('orders', 'products');
  assert.deepEqual([policy['tries'], changed['tries']], [2, 3]);
  await page.locator(products).getByText('policy', { exact: true }).waitFor();

  await page.getByLabel('to', { exact: true }).fill('900');
  await page.getByRole('button', { name: 'Apply policy' }).click();
  await page.locator('.said.bad').waitFor();
  await page.getByRole('button', { name: 'Back to the topology' }).click();
  await page.locator(products).getByText('policy', { exact: true }).waitFor({ state: 'detached' });
});

pageTest(
  'arrow keys lead from edge to edge, Enter opens one, and its address shows it again',
  async (page) => {
    const first = edge('gateway → orders');
    await page.locator(first).focus();
    // the figures that come meanwhile leave the focus where it is
    const time = page.locator('.legend time');
    const before = await time.getAttribute('datetime');
    await eventually(
      'there are newer figures',
      async () => (await time.getAttribute('datetime')) !== before,
      patienceMs,
    );
    await page.locator(`${first}:focus`).waitFor();
    await page.keyboard.press('ArrowRight');
    const focused = (await page.locator('[data-edge]:focus').getAttribute('data-edge')) ?? '';
    assert.match(focused, /^orders → /);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: `Edge ${focused}` }).waitFor();
    await page.reload();
    await page.getByRole('complementary', { name: `Edge ${focused}` }).waitFor();
  },
);
