/**
 * `./mesh policy`: what callers do with calls, by edge, on the running mesh: their Envoys, and the breakers of their
 * apps.
 */

import { type PolicyAnswer, type PolicyList, policyChangeSchema } from '@microshop/control/changes/schemas';
import { askToResetPolicies, readChanges } from '@microshop/control/changes/store';
import {
  type CallEdge,
  edgeBetween,
  type NamedPolicyField,
  type PolicyChange,
  policyFieldList,
} from '@microshop/topology';
import type { Command } from 'commander';
import { Value } from 'typebox/value';
import type { EdgeName } from '../mesh/control-client.ts';
import { controlUnlessStopped, runningControl } from '../mesh/running-mesh.ts';
import { asUsage, meshSettings } from '../mesh/settings.ts';
import { columns } from '../output/columns.ts';
import { UsageError } from '../output/errors.ts';
import { print, printJson } from '../output/output.ts';
import { keyOf, type OptionTexts, positiveDurationMs, wholeNumber } from '../output/values.ts';
import { registerPolicyExport } from './policy-export.ts';
import { registerPolicyFile } from './policy-file.ts';
import { registerPolicyImport } from './policy-import.ts';
import { failUnlessInEffect } from './policy-in-effect.ts';

function read(field: NamedPolicyField, text: string): number | string {
  const what = `--${field.flag}`;
  if (field.kind === 'text') return text;
  if (field.kind === 'duration') return positiveDurationMs(what, text, field.most);
  return wholeNumber(what, text, field.least, field.most);
}

function changeOf(options: OptionTexts): PolicyChange {
  const entries = policyFieldList.flatMap((field) => {
    const text = options[keyOf(field.flag)];
    return text === undefined ? [] : [[field.name, read(field, text)] as const];
  });
  if (entries.length === 0) {
    throw new UsageError(`Name what to change: ${policyFieldList.map(({ flag }) => `--${flag}`).join(', ')}`);
  }
  return Value.Parse(policyChangeSchema, Object.fromEntries(entries));
}

function cell(field: string, { policy, changed }: PolicyAnswer): string {
  const shown = String(policy[field] ?? '–');
  return field in changed ? `${shown} (topology: ${changed[field] ?? '–'})` : shown;
}

/** The call of that name. Throws `UsageError` when the topology has none. */
function callOf({ caller, callee }: EdgeName): CallEdge {
  return asUsage(() => edgeBetween(caller, callee));
}

/** Fields down, edges across. */
async function show(list: PolicyList): Promise<void> {
  const { policies } = list;
  const head = ['', ...policies.map(({ caller, callee }) => `${caller} → ${callee}`)];
  // texts are too long for a column
  const isText = ({ kind }: NamedPolicyField) => kind === 'text';
  const numbers = policyFieldList.filter((field) => !isText(field));
  const rows = numbers.map(({ name }) => [name, ...policies.map((policy) => cell(name, policy))]);
  const texts = policyFieldList.filter(isText).flatMap(({ name }) => [
    '',
    ...columns(
      ['', name],
      policies.map((policy) => [`${policy.caller} → ${policy.callee}`, cell(name, policy)]),
    ),
  ]);
  print(...columns(head, rows), ...texts);
  await failUnlessInEffect(list);
}

function edgeOf(caller: string | undefined, callee: string | undefined): EdgeName | undefined {
  if (caller === undefined) return undefined;
  if (callee === undefined) throw new UsageError('Name both ends of the call: <caller> <callee>');
  return { caller, callee };
}

/** The list with the policy of that call alone; as it is where none is named. */
function listOf(list: PolicyList, named: EdgeName | undefined): PolicyList {
  if (named === undefined) return list;
  const edge = callOf(named);
  const policies = list.policies.filter(
    ({ caller, callee }) => caller === edge.caller && callee === edge.callee,
  );
  return { ...list, policies };
}

/** Takes changes back: of the running mesh now; of one that is stopped, with its next start. Returns what to print. */
async function reset(edge: EdgeName | undefined): Promise<string> {
  const said =
    edge === undefined
      ? 'Every policy is that of the topology'
      : `${edge.caller} → ${edge.callee} is as in the topology`;
  const control = await controlUnlessStopped();
  if (control !== undefined) {
    await failUnlessInEffect(await control.resetPolicies(edge));
    return said;
  }
  const known = edge === undefined ? undefined : callOf(edge);
  const state = meshSettings().directory.changes;
  if ((await readChanges(state)).policyRecords.length > 0) await askToResetPolicies(state, known);
  return `${said} when the mesh starts`;
}

/** Adds the command with its subcommands to the program. */
export function registerPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .description('time limits, attempts, retry budget, limits and breaker of a call, on the running mesh')
    .addHelpText(
      'after',
      '\nExample:\n  ./mesh policy set orders products --tries 1\n  ./mesh policy show\n  ./mesh policy reset',
    );

  policy
    .command('show')
    .description('the policies in effect; a changed value is shown with that of the topology')
    .argument('[caller]')
    .argument('[callee]')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh policy show orders products')
    .action(async (caller: string | undefined, callee: string | undefined, options: { json?: boolean }) => {
      const named = edgeOf(caller, callee);
      const list = listOf(await (await runningControl()).policies(), named);
      if (options.json === true) printJson(list);
      else await show(list);
    });

  const set = policy
    .command('set')
    .description('change the policy of a call; returns when Envoys and apps have applied it')
    .argument('<caller>')
    .argument('<callee>')
    .addHelpText(
      'after',
      '\nExample:\n  ./mesh policy set orders products --tries 1 --per-try-timeout 500ms',
    );
  for (const { flag, kind, description } of policyFieldList) set.option(`--${flag} <${kind}>`, description);
  set.action(async (caller: string, callee: string, options: OptionTexts) => {
    const edge = { caller, callee };
    const change = changeOf(options);
    await show(listOf(await (await runningControl()).changePolicy(edge, change), edge));
  });

  policy
    .command('reset')
    .description('restore the topology’s policy, of one call or of all, also while the mesh is stopped')
    .argument('[caller]')
    .argument('[callee]')
    .addHelpText('after', '\nExample:\n  ./mesh policy reset orders products')
    .action(async (caller: string | undefined, callee: string | undefined) => {
      print(await reset(edgeOf(caller, callee)));
    });

  registerPolicyExport(policy);
  registerPolicyFile(policy);
  registerPolicyImport(policy);
}
