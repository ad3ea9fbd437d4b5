/**
 * `./mesh test [group]`: every test, or one group. They are run by a program of their own (`test/runner`), which stands
 * above the command.
 */
import path from 'node:path';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { exitCodes, UsageError } from '../output/errors.ts';

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

/** Name of a group. */
export type TestGroupName = (typeof testGroups)[number]['name'];

/** Adds the command to the program. */
export function registerTest(program: Command): void {
  const names: readonly string[] = testGroups.map((group) => group.name);
  program
    .command('test')
    .description('run every test, or one group; exit code 1 when anything fails')
    .argument('[group]', names.join(', '))
    .option(
      '--full',
      `with the group ${fullRun.group}: also what takes minutes more, pods of every part replaced and deleted under load`,
    )
    .addHelpText(
      'after',
      `\n${testGroups.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n')}\n\nExample:\n  ./mesh test e2e`,
    )
    .action(async (only: string | undefined, { full }: { readonly full?: boolean }) => {
      if (only !== undefined && !names.includes(only)) {
        throw new UsageError(`There is no group "${only}"; the groups are ${names.join(', ')}`);
      }
      if (full === true && only !== fullRun.group) {
        throw new UsageError(
          `--full goes with the one group that has more tests than it runs otherwise: ./mesh test ${fullRun.group} --full`,
        );
      }
      const runner = path.join(repositoryRoot, 'test/runner/main.ts');
      // imported on demand: other commands do not need it
      const { execa } = await import('execa');
      const job = full === true ? fullRun.job : only;
      const running = execa(process.execPath, [runner, ...(job === undefined ? [] : [job])], {
        stdio: 'inherit',
        reject: false,
        // taking down a mesh takes longer than execa's default of five seconds
        forceKillAfterDelay: false,
      });
      // it takes down what it started before it ends, so wait for it
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill('SIGTERM'));
      const { exitCode } = await running;
      // a process that a signal ended has no exit code
      process.exitCode = exitCode ?? exitCodes.failed;
    });
}
