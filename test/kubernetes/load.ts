/**
 * Clients that order all the time, whatever becomes of pods. Each order is placed with a key; what is refused, or fails, is sent
 * again with it.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type BuyerOptions, steadily, steadilyWhile } from '../harness/buying.ts';
import { assertSound, failuresIn, statusesOf } from './ledger.ts';
import { noticedBy, type Verdict } from './noticed.ts';
import type { Release } from './release.ts';
import { type Bought, openShop, type Refusal } from './shop.ts';

const wanted = Number(process.env['MESH_TEST_RATE'] || 0);
assert.ok(wanted >= 0, 'MESH_TEST_RATE must be a number of orders per second');

/** Orders per second where some may fail. Two cores have room for so many beside the cluster and the starts of pods. */
export const rate = wanted || 10;

/** Those at which an update is made under load, until one is known to be borne: 50 is the goal. */
const rates = wanted > 0 ? [wanted] : [50, 15, 5];

/** Refusals that a failed test names. */
const shown = 20;

/** Time a client goes on asking, milliseconds: longer than it takes until all pods of a part that were deleted are back. */
const patience: BuyerOptions = { patienceMs: 300_000, again: (status) => status !== 201, pauseMs: 500 };

/** One request each: where nothing changes, those that fail would only load the machine again. */
const once: BuyerOptions = { patienceMs: 0, again: () => false };

/** Time after which breakers have closed and pods are asked again that a rate was too much for, milliseconds. */
const recoveryMs = 6000;

/** The installed shop, and its clients. */
export interface Load {
  readonly release: Release;
  /** What clients are refused in that time, milliseconds, while nothing changes. */
  unchanged(perSecond: number, forMs: number): Promise<readonly Refusal[]>;
  /** What they are answered while that work is done. */
  during(perSecond: number, work: () => Promise<void>): Promise<readonly Bought[]>;
  /** Every refusal so far. */
  readonly refusals: readonly Refusal[];
  close(): Promise<void>;
}

/** Opens the shop of an installation that is ready. */
export async function openLoad(release: Release): Promise<Load> {
  const shop = await openShop(release);
  const buyer = () => shop.buy(patience);
  // what is compiled and connected with the first orders is not what is looked at
  await steadily(rate, 3000, buyer);
  return {
    release,
    async unchanged(perSecond, forMs) {
      const seen = shop.refusals.length;
      await steadily(perSecond, forMs, () => shop.buy(once));
      const refusals = shop.refusals.slice(seen);
      if (refusals.length > 0) await delay(recoveryMs);
      return refusals;
    },
    async during(perSecond, work) {
      let done = false;
      const load = steadilyWhile(perSecond, () => !done, buyer);
      try {
        await work();
      } finally {
        done = true;
      }
      return await load;
    },
    refusals: shop.refusals,
    close: () => shop.close(),
  };
}

/** What clients notice of an update. Whatever they were refused, the shop must account for every order. */
export async function seenOf(t: TestContext, load: Load, update: () => Promise<void>): Promise<Verdict> {
  const all: Bought[] = [];
  const verdict = await noticedBy(
    {
      unchanged: load.unchanged,
      async during(perSecond) {
        const [began, seen] = [performance.now(), load.refusals.length];
        let seconds = 0;
        const bought = await load.during(perSecond, async () => {
          await update();
          // then clients that were refused may ask for longer
          seconds = (performance.now() - began) / 1000;
        });
        all.push(...bought);
        const said = `${perSecond} orders per second, ${seconds.toFixed(0)} s, ${bought.length} orders; ${statusesOf(bought)}`;
        t.diagnostic(said);
        assert.ok(bought.length > 0.8 * perSecond * seconds, `the load went on all the time: ${said}`);
        const refusals = load.refusals.slice(seen);
        assert.equal(failuresIn(bought).length, refusals.length, said);
        return refusals;
      },
    },
    rates,
    (line) => t.diagnostic(line),
  );
  if (all.length > 0) await assertSound(load.release, all);
  return verdict;
}

/** Asserts that no client notices an update; skipped where nothing is known of it, since this machine has too much else to do. */
export async function assertUnnoticed(
  t: TestContext,
  load: Load,
  update: () => Promise<void>,
): Promise<void> {
  const { kind, rate: at, refusals } = await seenOf(t, load, update);
  if (kind === 'too busy') {
    t.skip(`the machine is too busy: requests fail at ${at} orders per second, also while nothing changes`);
    return;
  }
  assert.equal(
    kind,
    'unnoticed',
    refusals
      .slice(0, shown)
      .map(({ text }) => text)
      .join('\n'),
  );
  t.diagnostic(`no request failed at ${at} orders per second`);
}
