/**
 * Clients that order all the time, whatever becomes of pods. Each order is placed with a key; what is refused, or fails, is sent
 * again with it.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { steadily, steadilyWhile } from '../harness/buying.ts';
import { installed, replaced } from './installed.ts';
import { assertSound, failuresIn, statusesOf } from './ledger.ts';
import type { Release } from './release.ts';
import { type Bought, openShop } from './shop.ts';

/** Orders begun per second. Two cores have room for so many beside the cluster and the starts of pods; `MESH_TEST_RATE=50` for others. */
export const rate = Number(process.env['MESH_TEST_RATE'] ?? 10);
assert.ok(rate > 0, 'MESH_TEST_RATE must be a number of orders per second');

/** How long clients order while nothing changes, milliseconds: whether the machine bears that load. */
const unchangedMs = 10_000;

/** Refusals that a failed test names. */
const shown = 20;

/** Time a client goes on asking, milliseconds: longer than it takes until all pods of a part that were deleted are back. */
const patience = { patienceMs: 300_000, again: (status: number) => status !== 201, pauseMs: 500 };

/** The installed shop, and its clients. */
export interface Load {
  readonly release: Release;
  /** What clients are answered in that time, milliseconds, while nothing changes. */
  unchanged(forMs: number): Promise<readonly Bought[]>;
  /** What they are answered while that work is done. */
  during(work: () => Promise<void>): Promise<readonly Bought[]>;
  /** What was no acceptance so far: a line each, with the time since the shop was opened. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

/** Opens the shop, installed now where it is not. */
export async function openLoad(): Promise<Load> {
  const release = await installed();
  const shop = await openShop(release);
  const buyer = () => shop.buy(patience);
  // what is compiled and connected with the first orders is not what is looked at
  await steadily(rate, 3000, buyer);
  return {
    release,
    unchanged: (forMs) => steadily(rate, forMs, buyer),
    async during(work) {
      let done = false;
      const load = steadilyWhile(rate, () => !done, buyer);
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

/**
 * Replaces the pods of these parts under load, and asserts that each request of each client was accepted. Skipped where some are
 * not while nothing changes: then the machine has too much else to do, and what an update adds is not known.
 */
export async function assertUnnoticed(t: TestContext, load: Load, names: readonly string[]): Promise<void> {
  const unchanged = await load.unchanged(unchangedMs);
  const failed = failuresIn(unchanged).length;
  if (failed > 0) {
    t.skip(
      `the machine is too busy: ${failed} requests failed, of ${unchanged.length} orders, before anything was changed`,
    );
    return;
  }
  const [began, seen] = [performance.now(), load.refusals.length];
  const bought = await load.during(() => replaced(load.release, names));
  const seconds = (performance.now() - began) / 1000;
  const said = `${names.join(', ')}: ${seconds.toFixed(0)} s, ${bought.length} orders; ${statusesOf(bought)}`;
  t.diagnostic(said);
  assert.equal(failuresIn(bought).length, 0, [said, ...load.refusals.slice(seen, seen + shown)].join('\n'));
  assert.ok(bought.length > 0.8 * rate * seconds, `the load went on all the time: ${said}`);
  await assertSound(load.release, bought);
}
