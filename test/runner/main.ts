/** Runs the tests for `./mesh test [group]`: every group, or the one whose name is the argument. */

import { testGroups } from '@microshop/cli/commands/test';
import { columns } from '@microshop/cli/output/columns';
import { exitCodes } from '@microshop/cli/output/errors';
import { print } from '@microshop/cli/output/output';
import { styled } from '@microshop/cli/output/style';
import { duration } from '@microshop/cli/text/waterfall';
import { runs } from './groups.ts';
import { sum, type Totals } from './totals.ts';

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

const [only] = process.argv.slice(2);
const results: Result[] = [];
for (const { name, description } of testGroups.filter((group) => only === undefined || group.name === only)) {
  print('', styled('bold', `=== ${name}: ${description}`));
  const began = performance.now();
  const totals = await runs[name]();
  results.push({ name, totals, seconds: (performance.now() - began) / 1000 });
}
const all = sum(results.map(({ totals }) => totals));
const head = ['group', 'verdict', 'passed', 'failed', 'skipped', 'took'];
print('', ...columns(head, results.map(row), head.slice(2)));
print('', `${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped`);
if (all.failed > 0 || results.length === 0) process.exitCode = exitCodes.failed;
