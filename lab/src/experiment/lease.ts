/** The right to change policies for a while: the control service puts them back, whatever becomes of this command. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { messageOf } from '@microshop/program-kit/errors';
import { UnreachableError } from '@microshop/program-kit/http-json';

/** Time after which policies are put back when this command is gone, milliseconds. */
export const leaseMs = 30_000;

/** Pause between two renewals, milliseconds: several may fail, while the control service itself is started again. */
const renewEveryMs = 5000;

/** What a lease is asked with. */
export type Lender = Pick<ControlClient, 'leasePolicies' | 'renewLease' | 'endLease'>;

/** What a lease may differ in. */
interface LeaseOptions {
  readonly everyMs?: number;
  readonly unchecked?: boolean;
}

/**
 * Runs the work, during which policies may be changed; afterwards they are those from before, whatever becomes of it. Throws
 * `ProvedNothing` when another command has the lease, when this one is lost meanwhile (a process that was stopped for longer
 * than {@link leaseMs} has lost it), and when an Envoy or app does not apply what was put back. `stop` is aborted when it is
 * lost. With `unchecked` the policies meanwhile need not fit together.
 */
export async function withLease<T>(
  control: Lender,
  work: (stop: AbortSignal) => Promise<T>,
  { everyMs = renewEveryMs, unchecked = false }: LeaseOptions = {},
): Promise<T> {
  const { id } = await control.leasePolicies(leaseMs, unchecked).catch((error: unknown) => {
    if (error instanceof UnreachableError) throw error;
    throw new ProvedNothing(`INVALID: ${messageOf(error)}`, { cause: error });
  });
  const over = new AbortController();
  const lost = new AbortController();
  const renewing = renew(control, id, everyMs, over.signal, lost);
  let result: T;
  try {
    result = await work(lost.signal);
  } finally {
    over.abort();
    await renewing;
    if (!lost.signal.aborted) await giveBack(control, id);
  }
  if (lost.signal.aborted) throw new ProvedNothing(`INVALID: ${messageOf(lost.signal.reason)}`);
  return result;
}

async function renew(
  control: Lender,
  id: string,
  everyMs: number,
  over: AbortSignal,
  lost: AbortController,
): Promise<void> {
  while (!lost.signal.aborted) {
    try {
      await delay(everyMs, undefined, { signal: over });
    } catch {
      return;
    }
    await control.renewLease(id, leaseMs).catch((error: unknown) => {
      // if this renewal gets no answer, the next one is soon enough
      if (!(error instanceof UnreachableError)) lost.abort(error);
    });
  }
}

async function giveBack(control: Lender, id: string): Promise<void> {
  const { waiting_for: waiting } = await control.endLease(id);
  if (waiting.length > 0) {
    throw new ProvedNothing(`INVALID: the earlier policies are not in effect at ${waiting.join(', ')}`);
  }
}
