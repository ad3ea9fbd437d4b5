/** `./mesh fault process`: a server that crashes, or hangs for a time. */
import type { Command } from 'commander';
import { UsageError } from '../cli/errors.ts';
import { positiveDurationMs } from '../cli/numbers.ts';
import { print } from '../cli/output.ts';
import { meshSettings } from '../cli/settings.ts';
import { checkPartName } from '../runner/mesh.ts';
import type { ProcessFault } from '../runner/supervisor-schemas.ts';

/** How long a part hangs unless `--for` says otherwise, and at most, milliseconds. */
const pauseMs = { plain: 10_000, most: 600_000 };

interface ProcessOptions {
  readonly kill?: boolean;
  readonly pause?: boolean;
  readonly for?: string;
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

/** Adds the subcommand. The runner does it and ends it: what becomes of this command does not matter. */
export function registerFaultProcess(fault: Command): void {
  fault
    .command('process')
    .description('kill a server as a crash would, or stop it where it is for a time')
    .argument('<part>', 'name of the part, as ./mesh status shows it')
    .option('--kill', 'SIGKILL; the runner starts it again')
    .option('--pause', 'SIGSTOP, with all its processes; it goes on by itself')
    .option('--for <duration>', `length of the pause (default: ${pauseMs.plain / 1000}s)`)
    .addHelpText('after', '\nExample:\n  ./mesh fault process users --pause --for 5s')
    .action(async (name: string, options: ProcessOptions) => {
      const { client, placement } = meshSettings();
      const asked = faultOf(options);
      if ((await client.status()) === undefined) checkPartName(name, placement());
      const pid = await client.fault(name, asked);
      print(
        asked.kind === 'kill'
          ? `${name} (pid ${pid}) is killed; the runner starts it again`
          : `${name} (pid ${pid}) is paused; it goes on in ${asked.ms / 1000} s`,
      );
    });
}
