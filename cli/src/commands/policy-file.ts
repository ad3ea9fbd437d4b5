/** `./mesh policy apply`: a file of policies applied. */
import type { AppliedPolicies, PolicyDifference } from '@microshop/control/changes/schemas';
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { columns } from '../output/columns.ts';
import { folded, print, printJson } from '../output/output.ts';
import { failUnlessInEffect } from './policy-in-effect.ts';

const shown = (value: PolicyDifference['before']) => String(value ?? '–');

/** What was changed, a line for each field. */
export function differenceLines(differences: readonly PolicyDifference[]): string[] {
  if (differences.length === 0) return ['Nothing changed: these policies were in effect before'];
  // texts are too long for a column
  const texts = differences.filter(({ before, after }) =>
    [before, after].some((one) => typeof one === 'string'),
  );
  const rows = differences
    .filter((one) => !texts.includes(one))
    .map(({ caller, callee, field, before, after }) => [
      `${caller} → ${callee}`,
      field,
      shown(before),
      shown(after),
    ]);
  return [
    ...(rows.length === 0 ? [] : columns(['call', 'field', 'before', 'now'], rows)),
    ...texts.flatMap(({ caller, callee, field, before, after }) => [
      `${caller} → ${callee}  ${field}`,
      ...folded(`  before ${shown(before)}`),
      ...folded(`  now    ${shown(after)}`),
    ]),
  ];
}

async function apply(file: string, json: boolean): Promise<void> {
  const control = await runningControl();
  // imported on demand: no other command reads YAML
  const { policiesIn } = await import('../policies/read-file.ts');
  const applied: AppliedPolicies = await control.applyPolicies(await policiesIn(file));
  if (json) printJson(applied);
  else print(...differenceLines(applied.differences));
  await failUnlessInEffect(applied);
}

/** Adds the subcommand. */
export function registerPolicyFile(policy: Command): void {
  policy
    .command('apply')
    .description('apply a file of policies, all of it or nothing, and print what that changed')
    .argument('<file>', 'YAML or JSON as export prints it; - for standard input')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh policy apply mine.yaml')
    .action((file: string, { json = false }: { json?: boolean }) => apply(file, json));
}
