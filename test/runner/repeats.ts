/** Files that are run again and again: a test that fails now and then is found by that, and proved fixed. */
import { repeatVariables } from '@microshop/cli/commands/test';
import { duration } from '@microshop/cli/text/waterfall';

/** Which files are run how often. */
export interface Repeats {
  /** Parts of paths; every file where there is none. */
  readonly only: readonly string[];
  readonly times: number;
}

/** What `./mesh test` was asked for; `undefined` when each file is run once, as usual. */
export function repeatsAsked(env: NodeJS.ProcessEnv = process.env): Repeats | undefined {
  const only = env[repeatVariables.only]?.split(',').filter((text) => text !== '') ?? [];
  const times = Number(env[repeatVariables.times] || 1);
  return only.length === 0 && times === 1 ? undefined : { only, times };
}

/** Those of the files that are asked for, by their paths below the checkout. */
export const asked = (files: readonly string[], { only }: Repeats): readonly string[] =>
  only.length === 0 ? files : files.filter((file) => only.some((part) => file.includes(part)));

/** A run of a file. */
export interface Run {
  readonly passed: boolean;
  readonly seconds: number;
}

/** What came of the runs of a file, as a line: `9 of 10 runs passed, 12.10 s to 34.57 s: test/e2e/load.test.ts`. */
export function runsLine(file: string, runs: readonly Run[]): string {
  const passed = runs.filter((run) => run.passed).length;
  const seconds = runs.map((run) => run.seconds);
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)].map((one) => duration(one * 1e6));
  return `${passed} of ${runs.length} runs passed, ${least} to ${most}: ${file}`;
}
