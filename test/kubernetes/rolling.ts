/** A rolling update while clients order: no request fails, and no order is lost. */
import { test } from 'node:test';
import { replaced } from './installed.ts';
import { assertUnnoticed, openLoad } from './load.ts';
import type { Release } from './release.ts';

/**
 * Whose update every run has: its orders, keys and events are the most that a pod can lose, and nothing but the pod itself guards a POST to
 * it, which its callers do not repeat. The others are in `full/`.
 */
export const inEveryRun = 'orders';

/** Registers the test; it runs on the shop of the chart, and leaves it as it was. */
export function testRollingUpdate(release: Release, skip: string | false): void {
  test(`a rolling update of ${inEveryRun} under load: no request fails, no order is lost`, {
    skip,
  }, async (t) => {
    const load = await openLoad(release);
    try {
      await assertUnnoticed(t, load, () => replaced(release, [inEveryRun]));
    } finally {
      await load.close();
    }
  });
}
