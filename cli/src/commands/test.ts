/**
 * `./mesh test [group]`: every test, or one group. They are run by a program of their own (`test/runner`), which stands
 * above the command.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { exitCodes, UsageError } from '../output/errors.ts';
import { positiveInteger } from '../output/values.ts';

/** The groups of `./mesh test`, in the order in which they run: what is quick comes first. `test/runner` runs them. */
export const testGroups = [
  { name: 'lint', description: 'Biome; knip, which names what nothing uses' },
  {
    name: 'types',
    description: 'the strict compiler; once more for the k6 scripts and the page: other globals',
  },
  { name: 'unit', description: 'tests beside the code that need no server' },
  { name: 'integration', description: 'tests beside the code on real servers' },
  { name: 'e2e', description: 'the whole mesh, through its gateway' },
  { name: 'edge', description: 'who may do what, where the gateway authenticates clients' },
  { name: 'browser', description: 'the console in a real browser, on a mesh that runs' },
  { name: 'durability', description: 'no order lost, none doubled, none oversold, whatever is killed' },
  { name: 'lifecycle', description: 'up, down, and what a kill leaves' },
  {
    name: 'docs',
    description: 'the pages: their commands do what they show, the tour of the README among them',
  },
  {
    name: 'compose',
    description: 'the mesh in containers: what may differ there of e2e, and what only containers have',
  },
  { name: 'kubernetes', description: 'the Helm chart, and the mesh in a real cluster' },
] as const;

/** The group that has tests which take minutes more, and its name in `test/runner` with them. */
export const fullRun = { group: 'kubernetes', job: 'kubernetes-full' } as const;

/** Groups that have no files of tests. */
const withoutFiles: readonly string[] = ['lint', 'types'];

/** Variables that tell the runner which files of a group are run, as parts of their paths with commas between, and how often. */
export const repeatVariables = { only: 'MESH_TEST_ONLY', times: 'MESH_TEST_TIMES' } as const;

/** Most times that a file is run. */
const mostTimes = 1000;

/** Name of a group. */
export type TestGroupName = (typeof testGroups)[number]['name'];

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Options of the command. */
interface TestOptions {
  readonly full?: boolean;
  readonly only?: readonly string[];
  readonly times?: number;
}

/** Throws `UsageError` when the group cannot be run as asked. */
function checkOptions(group: string | undefined, { full, only, times }: TestOptions): void {
  const names: readonly string[] = testGroups.map(({ name }) => name);
  if (group !== undefined && !names.includes(group)) {
    throw new UsageError(`There is no group "${group}"; the groups are ${names.join(', ')}`);
  }
  if (full === true && group !== fullRun.group) {
    throw new UsageError(
      `--full is only for the group ${fullRun.group}: ./mesh test ${fullRun.group} --full`,
    );
  }
  if ((only !== undefined || times !== undefined) && (group === undefined || withoutFiles.includes(group))) {
    throw new UsageError(
      '--only and --times need one group with test files: ./mesh test e2e --only load --times 10',
    );
  }
}

/** Adds the command to the program. */
export function registerTest(program: Command): void {
  const names: readonly string[] = testGroups.map((group) => group.name);
  program
    .command('test')
    .description('run every test, or one group; exit code 1 when anything fails')
    .argument('[group]', names.join(', '))
    .option(
      '--full',
      `with the group ${fullRun.group}: also the slow tests, which replace and delete pods of every part under load`,
    )
    .option('--only <text>', 'with a group: only files whose path contains this; can be repeated', collect)
    .option('--times <n>', 'with a group: run each file n times, and report how many runs passed', (text) =>
      positiveInteger('--times', text, mostTimes),
    )
    .addHelpText(
      'after',
      `\n${testGroups.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n')}\n\nExample:\n  ./mesh test e2e`,
    )
    .action(async (group: string | undefined, options: TestOptions) => {
      checkOptions(group, options);
      const runner = path.join(repositoryRoot, 'test/runner/main.ts');
      const job = options.full === true ? fullRun.job : group;
      const { only = [], times = 1 } = options;
      const variables = { [repeatVariables.only]: only.join(','), [repeatVariables.times]: String(times) };
      // the channel tells it when this process is killed: it ends the run then
      const running = spawn(process.execPath, [runner, ...(job === undefined ? [] : [job])], {
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, ...variables },
      });
      // it takes down what it started before it ends, so wait for it
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill('SIGTERM'));
      await once(running, 'exit');
      // a process that a signal ended has no exit code
      process.exitCode = running.exitCode ?? exitCodes.failed;
    });
}
