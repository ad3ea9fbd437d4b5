/** `./mesh test [group]`: every test, or one group. */

import type { Command } from 'commander';
import { columns } from '../cli/columns.ts';
import { exitCodes, UsageError } from '../cli/errors.ts';
import { print } from '../cli/output.ts';
import { styled } from '../cli/style.ts';
import { testGroups } from '../testing/groups.ts';
import { sum, type Totals } from '../testing/totals.ts';
import { duration } from '../trace/waterfall.ts';

interface Result {
  readonly name: string;
  readonly totals: Totals;
  readonly seconds: number;
}

function row({ name, totals, seconds }: Result): string[] {
  const { passed, failed, skipped } = totals;
  const verdict =
    failed > 0
      ? styled('red', 'FAILED')
      : passed === 0
        ? styled('yellow', 'skipped')
        : styled('green', 'passed');
  return [
    name,
    verdict,
    String(passed),
    String(failed),
    String(skipped),
    duration(Math.round(seconds * 1e6)),
  ];
}

/** Adds the command to the program. */
export function registerTest(program: Command): void {
  const names = testGroups.map((group) => group.name);
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
      const results: Result[] = [];
      for (const group of testGroups.filter(({ name }) => only === undefined || name === only)) {
        print('', styled('bold', `=== ${group.name}: ${group.description}`));
        const began = performance.now();
        const totals = await group.run();
        results.push({ name: group.name, totals, seconds: (performance.now() - began) / 1000 });
      }
      const all = sum(results.map(({ totals }) => totals));
      const head = ['group', 'verdict', 'passed', 'failed', 'skipped', 'took'];
      print('', ...columns(head, results.map(row), head.slice(2)));
      print('', `${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped`);
      if (all.failed > 0) process.exitCode = exitCodes.failed;
    });
}
