/** `./mesh fault process`: a server that crashes, hangs, is down or is not itself for a time. */

import type { ProcessFault } from '@microshop/native/supervision/supervisor-schemas';
import { instantFaultNames, longestFaultMs, timedFaultNames } from '@microshop/program-kit/process-faults';
import type { Command } from 'commander';
import { crashPart, downPart, pausePart, restartPart } from '../compose/project.ts';
import { checkPartName } from '../mesh/part-name.ts';
import { composeFlag, containersMeant, type MeshSettings, meshSettings } from '../mesh/settings.ts';
import { UsageError } from '../output/errors.ts';
import { print } from '../output/output.ts';
import { keyOf, positiveDurationMs } from '../output/values.ts';

/** Kinds of fault that last for a time. */
type TimedKind = Exclude<ProcessFault['kind'], 'kill'>;

/** How long a fault of a part lasts unless `--for` says otherwise, milliseconds. */
const usualMs = 10_000;

/** What lasts for a time: help, what is said when it is done, and how that ends. */
const timed = {
  pause: ['suspend it with all its processes; it resumes by itself', 'is paused', 'resumes'],
  down: ['kill it and leave it down; it is started again by itself', 'is down', 'is started again'],
  'read-only': ['PostgreSQL refuses every write, as a standby does', 'is read-only', 'takes writes again'],
  'hold-commits': [
    'PostgreSQL commits, and acknowledges no commit: as with a lost standby',
    'acknowledges no commit',
    'acknowledges them again',
  ],
  'hold-locks': [
    'PostgreSQL keeps the inboxes locked: as while an index of theirs is made',
    'lets no event take effect',
    'lets them again',
  ],
  'memory-alarm': [
    'RabbitMQ takes no message: as if it were short of memory',
    'takes no message',
    'takes them again',
  ],
} as const satisfies Readonly<Record<TimedKind, readonly [help: string, done: string, ends: string]>>;

const kindOptions = [...instantFaultNames, ...timedFaultNames].map((kind) => `--${kind}`);

interface ProcessOptions {
  readonly for?: string;
  readonly compose?: boolean;
}

/** Whether options hold that switch, by its name on the command line. */
function isOn(options: object, kind: string): boolean {
  return Object.hasOwn(options, keyOf(kind));
}

function faultOf(options: ProcessOptions): ProcessFault | { readonly kind: 'restart' } {
  const kind = timedFaultNames.find((one) => isOn(options, one));
  if (kindOptions.filter((option) => isOn(options, option.slice(2))).length !== 1) {
    throw new UsageError(
      `Say what to do to the process: ${kindOptions.slice(0, -1).join(', ')} or ${kindOptions.at(-1)}`,
    );
  }
  if (kind === undefined) {
    const atOnce = isOn(options, 'kill') ? 'kill' : 'restart';
    if (options.for !== undefined) {
      throw new UsageError(`--for does not go with --${atOnce}: it is started again at once`);
    }
    return { kind: atOnce };
  }
  const ms = options.for === undefined ? usualMs : positiveDurationMs('--for', options.for, longestFaultMs);
  return { kind, ms };
}

async function locally(
  name: string,
  fault: ReturnType<typeof faultOf>,
  { client, placement }: MeshSettings,
): Promise<string> {
  if ((await client.status()) === undefined) await checkPartName(name, placement());
  if (fault.kind === 'restart') {
    const { pid } = await client.act('restart', name);
    return `${name} was ended in order and started again (pid ${pid})`;
  }
  const pid = await client.fault(name, fault);
  return fault.kind === 'kill'
    ? `${name} (pid ${pid}) is killed; the runner starts it again`
    : doneSentence(`${name} (pid ${pid})`, fault);
}

/** What was done for a time, and until when. */
function doneSentence(what: string, { kind, ms }: Exclude<ProcessFault, { kind: 'kill' }>): string {
  const [, done, ends] = timed[kind];
  return `${what} ${done}; it ${ends} in ${ms / 1000} s`;
}

async function inContainer(name: string, fault: ReturnType<typeof faultOf>): Promise<string> {
  if (fault.kind === 'restart') {
    return `${name} (container ${await restartPart(name)}) was ended in order and started again`;
  }
  if (fault.kind === 'kill') {
    return `${name} (container ${await crashPart(name)}) is killed; the engine starts it again`;
  }
  if (fault.kind !== 'pause' && fault.kind !== 'down') {
    throw new UsageError(`--${fault.kind} works on a mesh of local processes only, not in containers`);
  }
  const make = fault.kind === 'pause' ? pausePart : downPart;
  return doneSentence(`${name} (container ${await make(name, fault.ms)})`, fault);
}

/** Adds the subcommand. The runner, or a process of its own, ends a pause, even when this command was killed. */
export function registerFaultProcess(fault: Command): void {
  const command = fault
    .command('process')
    .description('kill a server as a crash would; suspend it, leave it down or impair it for a time')
    .argument('<part>', 'name of the part, as ./mesh status or docker compose ps shows it')
    .option('--kill', 'SIGKILL; it is restarted')
    .option('--restart', 'stop it gracefully and start it again; returns when it is healthy');
  for (const kind of timedFaultNames) command.option(`--${kind}`, timed[kind][0]);
  command
    .option('--for <duration>', `how long, not for --kill and --restart (default: ${usualMs / 1000}s)`)
    .option(composeFlag.name, composeFlag.description)
    .addHelpText('after', '\nExample:\n  ./mesh fault process users --pause --for 5s')
    .action(async (name: string, options: ProcessOptions) => {
      const settings = meshSettings();
      const asked = faultOf(options);
      const containers = await containersMeant(options, settings);
      print(containers ? await inContainer(name, asked) : await locally(name, asked, settings));
    });
}
