/** `./mesh policy`: what callers do with calls, by edge, on the running mesh: their Envoys, and the breakers of their apps. */
import { type NamedPolicyField, type PolicyChange, policyFieldList } from '@microshop/topology';
import type { Command } from 'commander';
import { Value } from 'typebox/value';
import { type PolicyAnswer, type PolicyList, policyChangeSchema } from '../changes/schemas.ts';
import { columns } from '../cli/columns.ts';
import { positiveDurationMs } from '../cli/durations.ts';
import { CommandFailed, UsageError } from '../cli/errors.ts';
import { wholeNumber } from '../cli/numbers.ts';
import { print, printJson } from '../cli/output.ts';
import { runningControl } from '../cli/running-mesh.ts';
import type { EdgeName } from '../control/client.ts';

function read(field: NamedPolicyField, text: string): number | string {
  const what = `--${field.flag}`;
  if (field.kind === 'text') return text;
  if (field.kind === 'duration') return positiveDurationMs(what, text, field.most);
  return wholeNumber(what, text, field.least, field.most);
}

/** Commander's name of an option's value. */
function keyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function changeOf(options: Readonly<Record<string, string>>): PolicyChange {
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

/** Fields down, edges across. */
function show(list: PolicyList, edge: EdgeName | undefined): void {
  const policies = list.policies.filter(
    (policy) => edge === undefined || (policy.caller === edge.caller && policy.callee === edge.callee),
  );
  if (edge !== undefined && policies.length === 0) {
    const known = list.policies.map(({ caller, callee }) => `${caller} ${callee}`).join(', ');
    throw new UsageError(`There is no call "${edge.caller} ${edge.callee}"; the calls are ${known}`);
  }
  const head = ['', ...policies.map(({ caller, callee }) => `${caller} → ${callee}`)];
  // a text is too long for a column
  const rowsOf = (kind: 'numbers' | 'texts') =>
    policyFieldList.filter((field) => (field.kind === 'text') === (kind === 'texts'));
  const rows = rowsOf('numbers').map(({ name }) => [name, ...policies.map((policy) => cell(name, policy))]);
  const texts = rowsOf('texts').flatMap(({ name }) => [
    '',
    ...columns(
      ['', name],
      policies.map((policy) => [`${policy.caller} → ${policy.callee}`, cell(name, policy)]),
    ),
  ]);
  print(...columns(head, rows), ...texts);
  warn(list);
}

/** What does not count or is not in force fails the command. */
function warn({ problems, waiting_for: waiting }: PolicyList): void {
  const sentences = [
    ...problems.map((problem) => `Does not count: ${problem}`),
    ...(waiting.length === 0 ? [] : [`Not in force at ${waiting.join(', ')}`]),
  ];
  if (sentences.length > 0) throw new CommandFailed(sentences.join('\n'));
}

function edgeOf(caller: string | undefined, callee: string | undefined): EdgeName | undefined {
  if (caller === undefined) return undefined;
  if (callee === undefined) throw new UsageError('Name both ends of the call: <caller> <callee>');
  return { caller, callee };
}

/** Adds the command with its subcommands to the program. */
export function registerPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .description('time limits, tries, retry budget, limits and breaker of a call, on the running mesh')
    .addHelpText(
      'after',
      '\nExample:\n  ./mesh policy set orders products --tries 1\n  ./mesh policy show\n  ./mesh policy reset',
    );

  policy
    .command('show')
    .description('the policies in force; what differs from the topology shows its value, too')
    .argument('[caller]')
    .argument('[callee]')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh policy show orders products')
    .action(async (caller: string | undefined, callee: string | undefined, options: { json?: boolean }) => {
      const list = await (await runningControl()).policies();
      if (options.json === true) printJson(list);
      else show(list, edgeOf(caller, callee));
    });

  const set = policy
    .command('set')
    .description('change the policy of a call; returns when Envoys and apps have taken it up')
    .argument('<caller>')
    .argument('<callee>')
    .addHelpText(
      'after',
      '\nExample:\n  ./mesh policy set orders products --tries 1 --per-try-timeout 500ms',
    );
  for (const { flag, kind, description } of policyFieldList) set.option(`--${flag} <${kind}>`, description);
  set.action(async (caller: string, callee: string, options: Readonly<Record<string, string>>) => {
    const edge = { caller, callee };
    const change = changeOf(options);
    show(await (await runningControl()).changePolicy(edge, change), edge);
  });

  policy
    .command('reset')
    .description('the topology’s policy again, of one call or of all')
    .argument('[caller]')
    .argument('[callee]')
    .addHelpText('after', '\nExample:\n  ./mesh policy reset orders products')
    .action(async (caller: string | undefined, callee: string | undefined) => {
      const edge = edgeOf(caller, callee);
      warn(await (await runningControl()).resetPolicies(edge));
      print(
        edge === undefined ? 'Every policy is the topology’s' : `${caller} → ${callee} is as in the topology`,
      );
    });
}
