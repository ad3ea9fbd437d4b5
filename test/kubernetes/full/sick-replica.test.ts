/**
 * Three pods of orders, of which one answers 503 to everything and is ready all the same: callers leave it out by what it
 * answers. Without outlier detection the same check fails.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { steadily, steadilyWhile } from '../../harness/buying.ts';
import { installed, noCluster, podsOf, rolledOut } from '../installed.ts';
import { statusesOf } from '../ledger.ts';
import { rate } from '../load.ts';
import { namespace, type Release } from '../release.ts';
import { openShop, type Shop } from '../shop.ts';

/** How long is looked, milliseconds. */
const lookedMs = 10_000;

/** Time until it has answered five calls, milliseconds. */
const untilLeftOutMs = 20_000;

/** Share of orders accepted that counts as well. */
const well = 0.99;

/** One request each: what fails counts. */
const once = { patienceMs: 0, again: () => false };

const replicasSchema = Type.Object({ replicas: Type.Array(Type.Object({ part: Type.String() })) });

let release: Release;
let shop: Shop;

before(async () => {
  if (noCluster !== false) return;
  release = await installed();
  await release.kubectl('scale', 'deployment', 'orders', '--replicas=3');
  // each gateway finds out by the calls that it makes itself
  await release.kubectl('scale', 'deployment', 'gateway', '--replicas=1');
  await rolledOut(release, ['orders', 'gateway']);
  shop = await openShop(release);
  const three = async () => (await flagged(/::health_flags::healthy$/)) === 3;
  await eventuallyDespiteErrors('the gateway knows three', three, 30_000, 1000);
  const { stdout } = await release.mesh('status', '--json');
  const { replicas } = Value.Parse(replicasSchema, JSON.parse(stdout));
  // the first one has no number
  const numbers = replicas.flatMap(({ part }) => {
    const [found, number = '1'] = /^orders-sidecar(?:-(\d+))?$/.exec(part) ?? [];
    return found === undefined ? [] : [Number(number)];
  });
  assert.equal(numbers.length, 3, stdout);
  await mesh('fault', 'set', 'orders', '--abort', '503', '--replica', String(Math.max(...numbers)));
});

after(async () => {
  if (noCluster !== false) return;
  await shop?.close();
  // one that comes late to a pod has an exit code of its own, and is in effect all the same
  await release.mesh('policy', 'reset');
  await release.mesh('fault', 'clear');
  await release.kubectl('scale', 'deployment', 'orders', 'gateway', '--replicas=2');
  await rolledOut(release, ['orders', 'gateway']);
});

async function mesh(...words: readonly string[]): Promise<void> {
  const { stdout, exitCode } = await release.mesh(...words);
  assert.equal(exitCode, 0, stdout);
}

/** How many pods of orders have that flag at the gateway. */
async function flagged(flags: RegExp): Promise<number> {
  const [gateway] = await podsOf(release, 'gateway');
  assert.ok(gateway !== undefined);
  const path = `/api/v1/namespaces/${namespace}/pods/${gateway.name}:9900/proxy/clusters`;
  const lines = (await release.kubectl('get', '--raw', path)).split('\n');
  return lines.filter((line) => line.startsWith('orders::') && flags.test(line)).length;
}

/** Whether it leaves one out within that time. */
async function isLeftOut(): Promise<boolean> {
  const one = async () => (await flagged(/::health_flags::.*failed_outlier_check/)) === 1;
  try {
    return await eventuallyDespiteErrors('the gateway leaves one out', one, untilLeftOutMs, 1000);
  } catch {
    return false;
  }
}

/** Whether one is left out under load, and the share of the orders accepted from then on. */
async function underLoad(t: TestContext): Promise<{ readonly leftOut: boolean; readonly share: number }> {
  let waits = true;
  const load = steadilyWhile(
    rate,
    () => waits,
    () => shop.buy(once),
  );
  const leftOut = await isLeftOut();
  waits = false;
  const first = await load;
  const then = await steadily(rate, lookedMs, () => shop.buy(once));
  t.diagnostic(`first ${statusesOf(first)}; then ${statusesOf(then)}`);
  return { leftOut, share: then.filter(({ last }) => last?.status === 201).length / then.length };
}

test('with outlier detection it is left out, and 99 % of the orders are accepted', {
  skip: noCluster,
}, async (t) => {
  // longer than is looked: when its time is over, calls find out again
  await mesh('policy', 'set', 'gateway', 'orders', '--ejection', '60s');
  const { leftOut, share } = await underLoad(t);
  assert.ok(leftOut);
  assert.ok(share >= well, `${share}`);
});

test('without outlier detection every third order fails', { skip: noCluster }, async (t) => {
  await mesh('policy', 'set', 'gateway', 'orders', '--max-ejected', '0');
  const { leftOut, share } = await underLoad(t);
  assert.ok(!leftOut);
  assert.ok(share > 0.5 && share < 0.8, `${share}`);
});
