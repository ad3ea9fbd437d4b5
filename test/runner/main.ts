/** Runs the tests for `./mesh test [group]`: every group, in lanes, or the one whose name is the argument. */
import path from 'node:path';
import { testGroups } from '@microshop/cli/commands/test';
import { columns } from '@microshop/cli/output/columns';
import { exitCodes } from '@microshop/cli/output/errors';
import { print, progress } from '@microshop/cli/output/output';
import { styled } from '@microshop/cli/output/style';
import { duration } from '@microshop/cli/text/waterfall';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { percent, processorsFrom } from './busy.ts';
import { ended, endOnSignals, endWithStarter } from './ended.ts';
import { runProgram } from './job-process.ts';
import { type Ended, runLanes } from './lanes.ts';
import { handingOn, takeDownLeft } from './mesh-under-test.ts';
import { instanceOf, type Job, jobs, mayBegin, type Reported, stages } from './plan.ts';
import { sum, type Totals } from './totals.ts';

const seconds = (count: number) => duration(Math.round(count * 1e6));

/** What totals are reported for, in that order. */
const reported: readonly { readonly name: Reported; readonly description: string }[] = [
  ...testGroups,
  { name: 'alone', description: 'what asks for rates and times that other work would spoil' },
];

function describe({ name, group }: Job): string {
  const description = reported.find((one) => one.name === group)?.description ?? '';
  return styled('bold', `=== ${name}: ${description}`);
}

/** Runs a job; with `output` kept, what it prints comes with the result. */
const run = (job: Job, output: 'kept' | 'shown', env: NodeJS.ProcessEnv) =>
  runProgram({
    args: [path.join(import.meta.dirname, 'job.ts'), job.name],
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    output,
    signal: ended,
  });

/** Every group: lanes side by side, the output of each job whole when it ends. */
async function everyGroup(): Promise<readonly Ended<Job>[]> {
  const results: Ended<Job>[] = [];
  /** How busy the processors have been since a job began. */
  const busy = new Map<Job, () => number>();
  /** Number of a mesh that nobody has taken yet. */
  let left: string | undefined;
  for (const { jobs: ofThisStage, lanes } of stages) {
    const ofStage = await runLanes(ofThisStage, lanes, {
      signal: ended,
      mayBegin,
      run(job, lane) {
        const instance = instanceOf(job, lane);
        if (job.mesh !== undefined) left = job.mesh === 'leave' ? instance : undefined;
        return run(job, 'kept', { MESH_TEST_INSTANCE: instance, [handingOn]: job.mesh ?? '' });
      },
      began(job, lane) {
        busy.set(job, processorsFrom());
        print(styled('dim', `${job.name} begins in lane ${lane + 1}`));
      },
      ended({ job, output, seconds: took }) {
        print('', describe(job));
        process.stdout.write(output);
        const meanwhile = percent(busy.get(job)?.() ?? 0);
        print(
          styled('dim', `${job.name} took ${seconds(took)}; the processors were ${meanwhile} busy meanwhile`),
          '',
        );
      },
    });
    results.push(...ofStage);
  }
  // the run was ended before it was taken
  if (left !== undefined) await takeDownLeft(left);
  return results;
}

/** One group, its output shown as it comes. */
async function oneGroup(job: Job): Promise<readonly Ended<Job>[]> {
  print('', describe(job));
  return await runLanes([job], 1, { signal: ended, run: () => run(job, 'shown', {}) });
}

interface Result {
  readonly name: string;
  readonly totals: Totals;
  /** Of all its jobs, added up. */
  readonly seconds: number;
}

function row({ name, totals, seconds: took }: Result): string[] {
  const { passed, failed, skipped } = totals;
  const verdict =
    failed > 0
      ? styled('red', 'FAILED')
      : passed === 0
        ? styled('yellow', 'skipped')
        : styled('green', 'passed');
  return [name, verdict, String(passed), String(failed), String(skipped), seconds(took)];
}

function printSlowest({ name, totals }: Result): void {
  if (totals.slowest.length === 0) return;
  print('', `Slowest of ${name}:`);
  for (const { ms, file, name: test } of totals.slowest) {
    print(`${seconds(ms / 1000).padStart(12)}  ${file}: ${test}`);
  }
  print('', `Longest files of ${name}:`);
  for (const { ms, file } of totals.longest) print(`${seconds(ms / 1000).padStart(12)}  ${file}`);
}

function printFailures({ name, totals }: Result): void {
  for (const { file, name: test, error } of totals.failures) {
    print(
      '',
      styled('red', `Failed in ${name}: ${file}: ${test}`),
      ...error.split('\n').map((line) => `  ${line}`),
    );
  }
}

endOnSignals();
const letGo = endWithStarter();
ended.addEventListener('abort', () =>
  progress('The run ends early: what was brought up is taken down first'),
);
const [only] = process.argv.slice(2);
const began = performance.now();
const busy = processorsFrom();
const one = jobs.find(({ name }) => name === only);
const results = only === undefined ? await everyGroup() : one === undefined ? [] : await oneGroup(one);
const groups = reported.flatMap(({ name }): Result[] => {
  const parts = results.filter(({ job }) => job.group === name);
  if (parts.length === 0) return [];
  const took = parts.reduce((total, part) => total + part.seconds, 0);
  return [{ name, totals: sum(parts.map(({ totals }) => totals)), seconds: took }];
});
for (const group of groups) printSlowest(group);
for (const group of groups) printFailures(group);
const all = sum(groups.map(({ totals }) => totals));
const head = ['group', 'verdict', 'passed', 'failed', 'skipped', 'took'];
print('', ...columns(head, groups.map(row), head.slice(2)));
const total = seconds((performance.now() - began) / 1000);
print(
  '',
  `${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped in ${total}; the processors were ${percent(busy())} busy`,
);
// what ran nothing has proved nothing
if (all.failed > 0 || all.passed + all.skipped === 0) process.exitCode = exitCodes.failed;
letGo();
