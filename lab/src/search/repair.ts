/** Gives a mesh back to the search that a schedule has left unwell. */
import { ProvedNothing } from '@microshop/cli/output/errors';
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Laboratory } from '../experiment/course.ts';
import { settledWithin } from '../experiment/settled.ts';
import { type EditedCode, endEdited, startEdited } from '../mutants/restarted.ts';
import type { SearchHands } from './search.ts';

/** Time that the mesh has to settle with new apps, milliseconds: the lease of an event alone may be 10 s. */
const settleMs = 30_000;

/**
 * Starts every app again, first with the code as it is, so that what a bug has held up goes on; then, with `code`, the bug is back.
 * In containers it only waits. Throws `ProvedNothing` when the mesh does not settle.
 */
export async function repair(lab: Laboratory, code: EditedCode | undefined): Promise<void> {
  await endEdited(lab);
  const apps = inContainers() ? [] : lab.placement.pods.map(({ app }) => app);
  await Promise.all(apps.map((app) => lab.client.act('restart', app)));
  const { settled, invariants } = await settledWithin(lab, settleMs);
  if (!settled) {
    const why = invariants.find(({ id }) => id === 'I4')?.why ?? '';
    throw new ProvedNothing(`INVALID: the mesh did not recover with restarted apps: ${why}`);
  }
  if (code !== undefined) await startEdited(code, lab);
}

/** Runs schedules with `run`, and `repairs` before each that follows one which did not hold: a breaker may be open, a consumer gone. */
export function repairing(run: SearchHands['run'], repairs: () => Promise<void>): SearchHands['run'] {
  let held = true;
  return async (schedule) => {
    if (!held) await repairs();
    held = false;
    const tried = await run(schedule);
    held = tried.verdict === 'PASS';
    return tried;
  };
}
