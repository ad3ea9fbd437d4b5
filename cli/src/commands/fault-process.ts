/** `./mesh fault process`: a server that crashes, or hangs for a time. */

import type { ProcessFault } from '@microshop/native/supervision/supervisor-schemas';
import type { Command } from 'commander';
import { crashPart, pausePart } from '../compose/project.ts';
import { checkPartName } from '../mesh/part-name.ts';
import { composeFlag, containersMeant, type MeshSettings, meshSettings } from '../mesh/settings.ts';
import { UsageError } from '../output/errors.ts';
import { print } from '../output/output.ts';
import { positiveDurationMs } from '../output/values.ts';

/** How long a part hangs unless `--for` says otherwise, and at most, milliseconds. */
const pauseMs = { plain: 10_000, most: 600_000 };

interface ProcessOptions {
  readonly kill?: boolean;
  readonly pause?: boolean;
  readonly for?: string;
  readonly compose?: boolean;
}

function faultOf(options: ProcessOptions): ProcessFault {
  if ((options.kill === true) === (options.pause === true)) {
    throw new UsageError('Say what to do to the process: --kill or --pause');
  }
  if (options.kill === true) {
    if (options.for !== undefined) throw new UsageError('--for goes with --pause');
    return { kind: 'kill' };
  }
  const ms =
    options.for === undefined ? pauseMs.plain : positiveDurationMs('--for', options.for, pauseMs.most);
  return { kind: 'pause', ms };
}

async function locally(
  name: string,
  fault: ProcessFault,
  { client, placement }: MeshSettings,
): Promise<string> {
  if ((await client.status()) === undefined) await checkPartName(name, placement());
  const pid = await client.fault(name, fault);
  return fault.kind === 'kill'
    ? `${name} (pid ${pid}) is killed; the runner starts it again`
    : `${name} (pid ${pid}) is paused; it resumes in ${fault.ms / 1000} s`;
}

async function inContainer(name: string, fault: ProcessFault): Promise<string> {
  return fault.kind === 'kill'
    ? `${name} (container ${await crashPart(name)}) is killed; the engine starts it again`
    : `${name} (container ${await pausePart(name, fault.ms)}) is paused; it resumes in ${fault.ms / 1000} s`;
}

/** Adds the subcommand. The runner, or a process of its own, ends a pause, even when this command was killed. */
export function registerFaultProcess(fault: Command): void {
  fault
    .command('process')
    .description('kill a server as a crash would, or suspend it for a time')
    .argument('<part>', 'name of the part, as ./mesh status or docker compose ps shows it')
    .option('--kill', 'SIGKILL; it is restarted')
    .option('--pause', 'suspend it with all its processes; it resumes by itself')
    .option('--for <duration>', `length of the pause (default: ${pauseMs.plain / 1000}s)`)
    .option(composeFlag.name, composeFlag.description)
    .addHelpText('after', '\nExample:\n  ./mesh fault process users --pause --for 5s')
    .action(async (name: string, options: ProcessOptions) => {
      const settings = meshSettings();
      const asked = faultOf(options);
      const containers = await containersMeant(options, settings);
      print(containers ? await inContainer(name, asked) : await locally(name, asked, settings));
    });
}
