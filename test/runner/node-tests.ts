/** Runs files of `node:test`, counts what came of them, and keeps which took longest. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ended } from './ended.ts';
import { fileEnds } from './file-end.ts';
import { asked, type Repeats, type Run, repeatsAsked, runsLine } from './repeats.ts';
import { type Sharing, shared } from './shared-process.ts';
import {
  errorText,
  type FailedTest,
  filesOf,
  slowestOf,
  sum,
  type TimedTest,
  type Totals,
} from './totals.ts';

/** Which files, and how. */
export interface NodeTests {
  /** Patterns of paths below `root`. */
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Whether those of one pattern come before those of the next; by name where this is absent. */
  readonly inOrder?: boolean;
  readonly root: string;
  /** Files at the same time. */
  readonly concurrency: number;
  /** Limit for one file, milliseconds. */
  readonly fileTimeoutMs: number;
  /** Which files share processes; each has its own where this is absent. */
  readonly together?: Sharing;
}

/** Files that match, each once. Throws when there are none: a pattern that finds nothing checks nothing. */
export function testFiles({ include, exclude = [], inOrder = false, root }: NodeTests): string[] {
  const matching = (patterns: readonly string[]) =>
    globSync([...patterns], { cwd: root, exclude: ['**/node_modules/**', ...exclude] }).sort();
  const files = inOrder ? include.flatMap((pattern) => matching([pattern])) : matching(include);
  if (files.length === 0) throw new Error(`No test file matches ${include.join(', ')}`);
  return [...new Set(files)].map((file) => path.join(root, file));
}

/**
 * Runs them in processes of their own, and prints each test with its result. With `repeats` it runs some of them, each so many times
 * and by itself, and prints how many of its runs have passed. An end of the run ends them, failed.
 */
export async function runNodeTests(tests: NodeTests, repeats = repeatsAsked()): Promise<Totals> {
  const files = testFiles(tests);
  return repeats === undefined ? await runTogether(tests, files) : await runRepeatedly(tests, files, repeats);
}

async function runRepeatedly(tests: NodeTests, files: readonly string[], repeats: Repeats): Promise<Totals> {
  const all: Totals[] = [];
  const lines: string[] = [];
  for (const file of asked(
    files.map((one) => path.relative(tests.root, one)),
    repeats,
  )) {
    const runs: Run[] = [];
    while (runs.length < repeats.times && !ended.aborted) {
      const began = performance.now();
      const totals = await runTogether(tests, [path.join(tests.root, file)]);
      const passed = totals.failed === 0 && totals.passed > 0;
      runs.push({ passed, seconds: (performance.now() - began) / 1000 });
      all.push(totals);
    }
    if (runs.length > 0) lines.push(runsLine(file, runs));
  }
  process.stdout.write(['', ...lines, ''].join('\n'));
  // a file is in them as often as it was run
  return { ...sum(all), slowest: [], longest: [] };
}

async function runTogether(tests: NodeTests, files: readonly string[]): Promise<Totals> {
  if (tests.together === undefined) return await runFiles(tests, files);
  const those = await shared(files, tests.together);
  try {
    return await runFiles(tests, those.files);
  } finally {
    await those.remove();
  }
}

async function runFiles(tests: NodeTests, files: readonly string[]): Promise<Totals> {
  let totals: Totals = { passed: 0, failed: 0, skipped: 0, slowest: [], longest: [], failures: [] };
  const timed: TimedTest[] = [];
  const failures: FailedTest[] = [];
  const stream = run({
    files,
    concurrency: tests.concurrency,
    timeout: tests.fileTimeoutMs,
    cwd: tests.root,
    signal: ended,
  });
  const endOfFile = fileEnds(stream);
  for (const result of ['test:pass', 'test:fail'] as const) {
    stream.on(result, ({ name, nesting, file = '', details }) => {
      // a test within a test is part of the time of the outer one
      if (nesting === 0) {
        timed.push({ name, file: path.relative(tests.root, file), ms: details.duration_ms });
      }
    });
  }
  stream.on('test:fail', ({ name, file = '', details: { error } }) => {
    // the inner test that made it fail is reported itself
    if ('failureType' in error && error.failureType === 'subtestsFailed') return;
    failures.push({
      name: path.isAbsolute(name) ? path.relative(tests.root, name) : name,
      file: path.relative(tests.root, file),
      error: endOfFile(error, file) ?? errorText(error.cause ?? error),
    });
  });
  // the summary without a file is the one of all files
  stream.on('test:summary', ({ file, counts, success }) => {
    if (file !== undefined) return;
    const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
    // a run can fail without a failed test, when a file could not be loaded
    totals = {
      passed: counts.passed,
      failed: Math.max(failed, success ? 0 : 1),
      skipped: counts.skipped + counts.todo,
      slowest: slowestOf(timed),
      longest: filesOf(timed),
      failures,
    };
  });
  const report = stream.compose(new spec());
  report.on('data', (text: Buffer | string) => process.stdout.write(text));
  await finished(report);
  // a run that never came to its summary, or was ended before it, has proved nothing
  const incomplete = ended.aborted || totals.passed + totals.failed + totals.skipped === 0;
  return incomplete ? { ...totals, failed: Math.max(totals.failed, 1) } : totals;
}
