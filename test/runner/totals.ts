/** What a group of checks came to. */
import { inspect } from 'node:util';

/** A test and the time it took. */
export interface TimedTest {
  readonly name: string;
  /** Path of its file below the checkout. */
  readonly file: string;
  readonly ms: number;
}

/** A file of tests and the time that its tests took. */
export interface TimedFile {
  /** Its path below the checkout. */
  readonly file: string;
  readonly ms: number;
}

/** A test that failed, and what it said. */
export interface FailedTest {
  readonly name: string;
  /** Path of its file below the checkout. */
  readonly file: string;
  /** The error with its values, at most {@link linesKept} lines. */
  readonly error: string;
}

/** Counts of one group, and where its time went. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The slowest tests, the longest first; at most {@link slowestKept}. */
  readonly slowest: readonly TimedTest[];
  /** The longest files, the longest first; at most {@link longestKept}: lanes are balanced by them. */
  readonly longest: readonly TimedFile[];
  /** Tests that failed, to be repeated at the very end: a log that is cut short keeps its end. */
  readonly failures: readonly FailedTest[];
}

/** How many lines of an error are repeated. */
const linesKept = 20;

/** An error as it is repeated. */
export function errorText(error: unknown): string {
  const all = inspect(error, { colors: false, depth: 4 }).split('\n');
  // who called the test says nothing of it
  const lines = all.filter((line) => !/^\s+at .*[( ]node:/.test(line));
  const more = lines.length - linesKept;
  return more <= 0
    ? lines.join('\n')
    : [...lines.slice(0, linesKept), `(${more} lines more above)`].join('\n');
}

/** How many of the slowest tests of a group are reported. */
const slowestKept = 10;

/** How many of the longest files of a group are reported. */
const longestKept = 20;

/** The slowest of these, the longest first. */
export function slowestOf(tests: readonly TimedTest[]): readonly TimedTest[] {
  return [...tests].sort((a, b) => b.ms - a.ms).slice(0, slowestKept);
}

const longestOf = (files: readonly TimedFile[]): readonly TimedFile[] =>
  [...files].sort((a, b) => b.ms - a.ms).slice(0, longestKept);

/** Files of these tests, each with the time of its tests added up, the longest first. */
export function filesOf(tests: readonly TimedTest[]): readonly TimedFile[] {
  const sums = new Map<string, number>();
  for (const { file, ms } of tests) sums.set(file, (sums.get(file) ?? 0) + ms);
  return longestOf([...sums].map(([file, ms]) => ({ file, ms })));
}

/** One check that passed or failed as a whole. */
export function single(passed: boolean): Totals {
  return {
    passed: passed ? 1 : 0,
    failed: passed ? 0 : 1,
    skipped: 0,
    slowest: [],
    longest: [],
    failures: [],
  };
}

/** Counts added up, with the slowest tests and the longest files of all; no file is in two of them. */
export function sum(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((count, one) => count + one.passed, 0),
    failed: all.reduce((count, one) => count + one.failed, 0),
    skipped: all.reduce((count, one) => count + one.skipped, 0),
    slowest: slowestOf(all.flatMap(({ slowest }) => slowest)),
    longest: longestOf(all.flatMap(({ longest }) => longest)),
    failures: all.flatMap(({ failures }) => failures),
  };
}

/** A group that could not run here: it counts as skipped, and says why. */
export function skipped(why: string): Totals {
  process.stdout.write(`skipped: ${why}\n`);
  return { passed: 0, failed: 0, skipped: 1, slowest: [], longest: [], failures: [] };
}
