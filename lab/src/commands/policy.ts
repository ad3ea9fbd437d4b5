/** `./mesh policy`: what callers do with calls, by edge, on the running mesh: their Envoys, and the breakers of their apps. */
import type { Command } from 'commander';
import { Value } from 'typebox/value';
import {
  type PolicyAnswer,
  type PolicyList,
  type PolicyRecord,
  policyChangeSchema,
} from '../changes/schemas.ts';
import { columns } from '../cli/columns.ts';
import { positiveDurationMs } from '../cli/durations.ts';
import { CommandFailed, UsageError } from '../cli/errors.ts';
import { wholeNumber } from '../cli/numbers.ts';
import { print, printJson } from '../cli/output.ts';
import { runningControl } from '../cli/running-mesh.ts';
import type { EdgeName } from '../control/client.ts';

type Change = PolicyRecord['change'];
type Field = keyof Change;

/** One option per field: how it is called, and how it is read. */
interface FieldOption {
  readonly field: Field;
  readonly flag: string;
  readonly value: 'count' | 'duration' | 'text';
  readonly description: string;
}

const longestMs = 600_000;
const mostOf: Partial<Record<Field, number>> = {
  tries: 10,
  retry_budget_percent: 100,
  consecutive_5xx: 1000,
  breaker_error_percent: 100,
};
const leastOf: Partial<Record<Field, number>> = {
  retry_budget_percent: 0,
  min_retry_concurrency: 0,
  breaker_error_percent: 0,
};

const fieldOptions: readonly FieldOption[] = [
  { field: 'tries', flag: 'tries', value: 'count', description: 'tries of one call, the first included' },
  { field: 'timeout_ms', flag: 'timeout', value: 'duration', description: 'limit of the whole call' },
  {
    field: 'per_try_timeout_ms',
    flag: 'per-try-timeout',
    value: 'duration',
    description: 'limit of one try',
  },
  {
    field: 'retry_on',
    flag: 'retry-on',
    value: 'text',
    description: 'what is tried again, as Envoy names it',
  },
  {
    field: 'back_off_base_ms',
    flag: 'back-off-base',
    value: 'duration',
    description: 'first back-off, jittered',
  },
  { field: 'back_off_max_ms', flag: 'back-off-max', value: 'duration', description: 'longest back-off' },
  {
    field: 'retry_budget_percent',
    flag: 'retry-budget',
    value: 'count',
    description: 'percent of active requests that may be retries',
  },
  {
    field: 'min_retry_concurrency',
    flag: 'min-retries',
    value: 'count',
    description: 'retries that may be under way whatever the budget says',
  },
  {
    field: 'max_connections',
    flag: 'max-connections',
    value: 'count',
    description: 'connections to the callee',
  },
  {
    field: 'max_pending_requests',
    flag: 'max-pending',
    value: 'count',
    description: 'requests that wait for a connection',
  },
  { field: 'max_requests', flag: 'max-requests', value: 'count', description: 'requests under way' },
  {
    field: 'consecutive_5xx',
    flag: 'consecutive-5xx',
    value: 'count',
    description: 'failures after which a replica is left out (two or more replicas)',
  },
  { field: 'ejection_ms', flag: 'ejection', value: 'duration', description: 'how long it is left out' },
  {
    field: 'breaker_timeout_ms',
    flag: 'breaker-timeout',
    value: 'duration',
    description: 'limit of the whole call in the app',
  },
  {
    field: 'breaker_volume',
    flag: 'breaker-volume',
    value: 'count',
    description: 'calls in the window below which the breaker never opens',
  },
  {
    field: 'breaker_error_percent',
    flag: 'breaker-errors',
    value: 'count',
    description: 'percent of calls in the window; when more of them fail, it opens',
  },
  {
    field: 'breaker_window_ms',
    flag: 'breaker-window',
    value: 'duration',
    description: 'how far it looks back',
  },
  {
    field: 'breaker_reset_ms',
    flag: 'breaker-reset',
    value: 'duration',
    description: 'how long it is open before one call is let through',
  },
  {
    field: 'breaker_capacity',
    flag: 'breaker-capacity',
    value: 'count',
    description: 'calls under way; further ones are refused',
  },
];

function read({ field, flag, value }: FieldOption, text: string): number | string {
  const what = `--${flag}`;
  if (value === 'text') return text;
  if (value === 'duration') return positiveDurationMs(what, text, longestMs);
  return wholeNumber(what, text, leastOf[field] ?? 1, mostOf[field] ?? 1_000_000);
}

/** Commander's name of an option's value. */
function keyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function changeOf(options: Readonly<Record<string, string>>): Change {
  const entries = fieldOptions.flatMap((option) => {
    const text = options[keyOf(option.flag)];
    return text === undefined ? [] : [[option.field, read(option, text)] as const];
  });
  if (entries.length === 0) {
    throw new UsageError(`Name what to change: ${fieldOptions.map(({ flag }) => `--${flag}`).join(', ')}`);
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
  // what is tried again is too long for a column
  const rows = fieldOptions
    .filter(({ field }) => field !== 'retry_on')
    .map(({ field }) => [field, ...policies.map((policy) => cell(field, policy))]);
  const retried = policies.map((policy) => [`${policy.caller} → ${policy.callee}`, cell('retry_on', policy)]);
  print(...columns(head, rows), '', ...columns(['', 'retry_on'], retried));
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
  for (const { flag, value, description } of fieldOptions) set.option(`--${flag} <${value}>`, description);
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
