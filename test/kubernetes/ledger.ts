/** What a load came to: what clients saw, and what the audit finds of it. */
import assert from 'node:assert/strict';
import type { LedgerLine } from '../harness/buying.ts';
import { type AuditAnswer, assertFindsNothing } from '../harness/sound.ts';
import type { Release } from './release.ts';
import type { Bought } from './shop.ts';

/** How often each status was answered, `0` for no answer: `201: 812, 429: 3`. */
export function statusesOf(bought: readonly Bought[]): string {
  const counts = new Map<number, number>();
  for (const { lines } of bought) {
    for (const { status } of lines) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');
}

/** Requests that a client saw fail: those that were not accepted, for whatever reason. */
export function failuresIn(bought: readonly { readonly lines: readonly LedgerLine[] }[]): LedgerLine[] {
  return bought.flatMap(({ lines }) => lines.filter(({ status }) => status !== 201));
}

/** Asserts that the shop accounts for all that clients were answered: nothing lost, doubled, oversold, stuck or dead. */
export async function assertSound(release: Release, bought: readonly Bought[]): Promise<void> {
  const lines = bought.flatMap((one) => one.lines);
  const ledger = lines.map(({ key, order_id, status }) => JSON.stringify({ key, order_id, status }));
  const words = ['cli/src/main.ts', 'audit', '--ledger', '/dev/stdin', '--settle', '30s', '--json'];
  const audit: AuditAnswer = JSON.parse(
    await release.inPod('control-0', 'control', words, ledger.join('\n')),
  );
  assertFindsNothing(audit);
  const acknowledged = new Set(lines.filter(({ status }) => status === 201).map(({ key }) => key)).size;
  assert.deepEqual([audit.settled, audit.acknowledged], [true, acknowledged]);
}
