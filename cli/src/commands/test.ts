/** `./mesh test [group]`: every test, or one group. They are run by a program of their own, which stands above the command. */
import path from 'node:path';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { execa } from 'execa';
import { exitCodes, UsageError } from '../output/errors.ts';
import { testGroups } from './test-groups.ts';

/** Adds the command to the program. */
export function registerTest(program: Command): void {
  const names: readonly string[] = testGroups.map((group) => group.name);
  program
    .command('test')
    .description('run every test, or one group; exit code 1 when anything fails')
    .argument('[group]', names.join(', '))
    .addHelpText(
      'after',
      `\n${testGroups.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n')}\n\nExample:\n  ./mesh test e2e`,
    )
    .action(async (only: string | undefined) => {
      if (only !== undefined && !names.includes(only)) {
        throw new UsageError(`There is no group "${only}"; the groups are ${names.join(', ')}`);
      }
      const runner = path.join(repositoryRoot, 'test/runner/main.ts');
      const { exitCode } = await execa(process.execPath, [runner, ...(only === undefined ? [] : [only])], {
        stdio: 'inherit',
        reject: false,
      });
      // one that a signal ended has no code
      process.exitCode = exitCode ?? exitCodes.failed;
    });
}
