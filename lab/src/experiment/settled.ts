/** Waits until nothing is on its way in a mesh, and for nothing else: an order that is stuck may have been so for days. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Audit } from '@microshop/control/audit/report';
import type { Hands } from './part-faults.ts';

/** Pause between two polls, milliseconds. */
const lookEveryMs = 500;

/** The audit as of the moment at which everything was at rest; the last one where that does not come within so many milliseconds. */
export async function settledWithin({ control }: Pick<Hands, 'control'>, mostMs: number): Promise<Audit> {
  const end = performance.now() + mostMs;
  for (;;) {
    const audit = await control.audit(0, undefined);
    if (audit.settled || performance.now() >= end) return audit;
    await delay(lookEveryMs);
  }
}
