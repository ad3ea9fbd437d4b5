/** `./mesh experiment run` as tests read it. */
import assert from 'node:assert/strict';
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
  /^(?:the machine was|k6 dropped|\d+\.\d buyers per second|the mesh was not healthy before)/;

/** Lengths that are enough for a fault that all calls meet. */
export const short: readonly string[] = ['--steady', '2s', '--fault', '3s', '--heal', '2s'];

/** Runs it; its exit code and its report. */
export async function runExperiment(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly report: Report }> {
  const { code, stdout, stderr } = await mesh.cli(['experiment', 'run', ...args, '--json']);
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout) };
}
