/** `./mesh fault`: failures on purpose. */

import { type FaultAnswer, faultMistake, faultRequestSchema } from '@microshop/control/changes/schemas';
import { askToClearFaults, readChanges } from '@microshop/control/changes/store';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import {
  callersOf,
  type FaultRequest,
  faultFieldList,
  type Identity,
  identities,
  type NamedFaultField,
  type ServiceName,
  serviceNamed,
} from '@microshop/topology';
import type { Command } from 'commander';
import { Value } from 'typebox/value';
import { controlUnlessStopped, runningControl } from '../mesh/running-mesh.ts';
import { asUsage, meshSettings } from '../mesh/settings.ts';
import { columns } from '../output/columns.ts';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { print, printJson } from '../output/output.ts';
import { keyOf, type OptionTexts, positiveDurationMs, wholeNumber } from '../output/values.ts';
import {
  changeLines,
  clearedSentence,
  effectOf,
  endOf,
  faultSentence,
  keptHead,
  placeOf,
} from '../text/changes.ts';
import { registerFaultCertificates } from './fault-certificates.ts';
import { registerFaultMessage } from './fault-message.ts';
import { registerFaultProcess } from './fault-process.ts';

function serviceOf(name: string): ServiceName {
  return asUsage(() => serviceNamed(name)).name;
}

function callerOf(name: string, service: ServiceName): Identity {
  const found = identities.find((identity) => identity === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no caller "${name}"; the callers of ${service} are ${callersOf(service).join(', ')}`,
  );
}

function read(field: NamedFaultField, text: string, service: ServiceName): number | string {
  const what = `--${field.flag}`;
  if (field.kind === 'caller') return callerOf(text, service);
  if (field.kind === 'duration') return positiveDurationMs(what, text, field.most);
  if (field.kind !== 'only') return wholeNumber(what, text, field.least, field.most);
  if (text === String(field.only)) return field.only;
  throw new UsageError(`${what} can be ${field.only} only, not "${text}"`);
}

/** What the control service is asked for, by the options that were typed. Throws `UsageError`. */
export function requestOf(name: string, options: OptionTexts): FaultRequest {
  const service = serviceOf(name);
  const fields = faultFieldList.flatMap((field) => {
    const text = options[keyOf(field.flag)];
    return text === undefined ? [] : [[field.name, read(field, text, service)] as const];
  });
  const request = Value.Parse(faultRequestSchema, { service, ...Object.fromEntries(fields) });
  const mistake = faultMistake(request);
  if (mistake !== undefined) throw new UsageError(mistake);
  return request;
}

/** A row of the list. A fault for one caller replaces, for that caller, the one for every caller. */
function rowOf(fault: FaultAnswer, _index: number, faults: readonly FaultAnswer[]): string[] {
  const { hits, service } = fault;
  const alone = faults.every((other) => other.service !== service || other.from === null);
  return [
    placeOf(fault),
    fault.from ?? (alone ? 'all' : 'others'),
    effectOf(fault),
    endOf(fault),
    String(hits.aborts),
    String(hits.delays),
    String(hits.answers_replaced),
    String(hits.answers_slowed),
    fault.waiting_for.length === 0 ? 'yes' : `not at ${fault.waiting_for.join(', ')}`,
  ];
}

function registerSet(fault: Command): void {
  const set = fault
    .command('set')
    .description(
      'make calls to a service fail at its inbound sidecar; returns when the sidecar reports it in effect',
    )
    .argument('<service>', 'service whose callers meet the fault')
    .addHelpText('after', '\nExample:\n  ./mesh fault set products --abort 503 --percent 30 --for 1m');
  for (const { flag, takes, description } of faultFieldList) set.option(`--${flag} <${takes}>`, description);
  set.action(async (service: string, options: OptionTexts) => {
    const request = requestOf(service, options);
    const answer = await (await runningControl()).setFault(request);
    print(faultSentence(answer));
    if (answer.waiting_for.length > 0) {
      throw new CommandFailed(
        `Kept, but not in effect: ${answer.waiting_for.join(', ')} did not report it. It is applied at the next start`,
      );
    }
  });
}

/** Ends faults: of the running mesh now; of one that is stopped, with its next start. Returns what to print. */
async function clear(service: ServiceName | undefined): Promise<string> {
  const control = await controlUnlessStopped();
  if (control !== undefined) return clearedSentence(await control.clearFaults(service), service);
  const state = meshSettings().directory.changes;
  const { faults } = await readChanges(state);
  const there = faults.filter((fault) => service === undefined || fault.service === service);
  if (there.length > 0) await askToClearFaults(state, service);
  return clearedSentence(there.length, service, ' for the next start');
}

/** The faults in effect. For a stopped mesh it throws what a command throws, with the faults that the mesh keeps. */
async function faultsInForce(): Promise<readonly FaultAnswer[]> {
  try {
    return await (await runningControl()).faults();
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    const { faults } = await readChanges(meshSettings().directory.changes);
    const kept = changeLines(keptHead, { faults, policyRecords: [] });
    throw new CommandFailed([error.message, ...kept].join('\n'), { cause: error });
  }
}

/** Adds the command with its subcommands to the program. */
export function registerFault(program: Command): void {
  const fault = program
    .command('fault')
    .description('deliberate failures of calls, processes, messages and certificates')
    .addHelpText(
      'after',
      '\nExample:\n  ./mesh fault set products --abort 503 --percent 30\n  ./mesh order\n  ./mesh fault clear',
    );
  registerSet(fault);

  fault
    .command('list')
    .description('the faults in effect, and what each has hit since it was set, by Envoy’s counters')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh fault list --json')
    .action(async (options: { json?: boolean }) => {
      const faults = await faultsInForce();
      if (options.json === true) return printJson({ faults });
      if (faults.length === 0) return print('No fault is set');
      const counts = ['aborted', 'delayed', 'replaced', 'slowed'];
      const head = ['service', 'from', 'calls are', 'ends', ...counts, 'in effect'];
      print(...columns(head, faults.map(rowOf), counts));
    });

  fault
    .command('clear')
    .description(
      'end the faults of a service, or all of them, also while the mesh is stopped; returns when the sidecars report none',
    )
    .argument('[service]')
    .addHelpText('after', '\nExample:\n  ./mesh fault clear products')
    .action(async (name: string | undefined) => {
      const service = name === undefined ? undefined : serviceOf(name);
      print(await clear(service));
    });

  registerFaultProcess(fault);
  registerFaultCertificates(fault);
  registerFaultMessage(fault);
}
