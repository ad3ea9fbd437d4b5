/** `./mesh experiment run` as tests read it. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { mesh } from './mesh.ts';

/** The members of a report that tests look at. */
export interface Report {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly witness: { readonly landed: boolean; readonly saw: string };
  readonly phases: Readonly<Record<string, { readonly success: number; readonly p50_ms: number }>>;
  readonly traces: { readonly complete: number };
  readonly accepted: number;
  readonly command: string;
}

/** Reasons of an invalid run that are the machine's. Whatever else makes a run invalid is a defect. */
export const ofMachine =
  /^(?:the machine was|k6 dropped|the attempts of|\d+\.\d buyers per second|the mesh was not healthy before)/;

/** Lengths that are enough for a fault that all calls meet. */
export const short: readonly string[] = ['--steady', '2s', '--fault', '3s', '--heal', '2s'];

/** The least there is, for a run whose figures are not looked at. */
export const shortest: readonly string[] = ['--steady', '1s', '--fault', '1s', '--heal', '1s'];

/** Runs it; its exit code and its report. */
export async function runExperiment(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly report: Report }> {
  const { code, stdout, stderr } = await mesh.cli(['experiment', 'run', ...args, '--json']);
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout) };
}

/** Time in which a load places several orders, milliseconds. */
const severalOrdersMs = 1500;

/** Resolves when no order comes any more: k6 has a process of its own, which ends some time after the command that was killed. */
export async function loadHasEnded(): Promise<void> {
  const placed = async () => {
    const [row] = await mesh.sql<{ count: number }>(
      'orders_db',
      'select count(*)::integer as count from orders',
    );
    assert.ok(row !== undefined);
    return row.count;
  };
  await eventually('no order comes any more', async () => {
    const before = await placed();
    await delay(severalOrdersMs);
    return (await placed()) === before;
  });
}
