/** `./mesh logs`: lines of one part, or of all parts about one order. */

import { type LogLine, linesOfTrace, traceOfOrder } from '@microshop/control/logs/lines';
import { logSize } from '@microshop/native/supervision/part-log';
import { logFile } from '@microshop/program-kit/run-directory';
import { namedCluster } from '@microshop/program-kit/typed-here';
import { isTraceId } from '@microshop/topology';
import type { Command } from 'commander';
import { containerLinesOfTrace, containerTraceOfOrder, printContainerLog } from '../compose/logs.ts';
import { storyLines } from '../logs/story.ts';
import { checkPartName } from '../mesh/part-name.ts';
import { composeFlag, containersMeant, type MeshSettings, meshSettings } from '../mesh/settings.ts';
import { CommandFailed, UsageError } from '../output/errors.ts';
import { passedOn, print, printJson } from '../output/output.ts';
import { positiveInteger } from '../output/values.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly order?: string;
  readonly trace?: string;
  readonly json?: boolean;
  readonly compose?: boolean;
}

/** Lines of one part; `-f` goes on until Ctrl-C, also when the log is rotated. */
async function ofPart(name: string, follow: boolean, settings: MeshSettings): Promise<void> {
  if (name !== 'runner') await checkPartName(name, settings.placement());
  const file = logFile(settings.directory, name);
  if (logSize(file) === 0 && !follow) {
    throw new CommandFailed(`${name} has written nothing yet in mesh ${settings.instance}`);
  }
  const args = ['--lines=+1', ...(follow ? ['--follow=name', '--retry', '--quiet'] : []), file];
  // imported on demand: other commands do not need it
  const { execa } = await import('execa');
  // Ctrl-C reaches tail as well; that is how following ends
  const { exitCode, signal } = await execa('tail', args, {
    stdin: 'inherit',
    stdout: [...passedOn],
    stderr: [...passedOn],
    buffer: false,
    reject: false,
  });
  if (exitCode !== 0 && signal === undefined) throw new CommandFailed(`tail ended with code ${exitCode}`);
}

/** The trace of an order, by the logs alone: no other part is asked. */
async function traceIdOf(options: LogsOptions, logs: AllLogs): Promise<string> {
  if (options.trace !== undefined) {
    if (!isTraceId(options.trace)) {
      throw new UsageError(`--trace must be 32 hex digits, not "${options.trace}"`);
    }
    return options.trace;
  }
  const orderId = positiveInteger('--order', options.order ?? '');
  const traceId = await logs.traceOfOrder(orderId);
  if (traceId !== undefined) return traceId;
  throw new CommandFailed(
    `No log has a line about order ${orderId}: there is no such order, or its lines are older than what is kept`,
  );
}

/** The logs of all parts, wherever they are kept. */
interface AllLogs {
  /** Prints those of one part; `follow` goes on until Ctrl-C. */
  print(name: string, follow: boolean): Promise<void>;
  traceOfOrder(orderId: number): Promise<string | undefined>;
  linesOfTrace(traceId: string): Promise<LogLine[]>;
}

/** The logs of the mesh that is meant. */
async function logsMeant(options: LogsOptions): Promise<AllLogs> {
  if (namedCluster() !== undefined) {
    if (options.compose === true)
      throw new UsageError('--compose and --context name different meshes: use one of them');
    // imported on demand: other commands do not need the Kubernetes client
    const { clusterLogs } = await import('../cluster/logs.ts');
    return await clusterLogs();
  }
  const settings = meshSettings();
  const { directory } = settings;
  return (await containersMeant(options, settings))
    ? {
        print: printContainerLog,
        traceOfOrder: containerTraceOfOrder,
        linesOfTrace: containerLinesOfTrace,
      }
    : {
        print: (name, follow) => ofPart(name, follow, settings),
        traceOfOrder: (orderId) => traceOfOrder(directory.logs, orderId),
        linesOfTrace: (traceId) => linesOfTrace(directory.logs, traceId),
      };
}

/** Adds the command to the program. */
export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description('print the lines of one part, or of all parts about one order or trace')
    .argument('[name]', 'name of the part, as ./mesh status shows it; `runner` is the runner itself')
    .option('-f, --follow', 'keep printing new lines')
    .option('--order <id>', 'lines of all parts about that order, in order of time')
    .option('--trace <id>', 'lines of all parts about that trace, in order of time')
    .option(
      '--json',
      'print one JSON document with the lines as they stand in the logs (with --order or --trace)',
    )
    .option(composeFlag.name, composeFlag.description)
    .addHelpText('after', '\nExample:\n  ./mesh logs --order 1')
    .action(async (name: string | undefined, options: LogsOptions) => {
      // an invalid variable is reported for any command
      meshSettings();
      const about = [name, options.order, options.trace].filter((one) => one !== undefined);
      if (about.length !== 1)
        throw new UsageError('Name a part, or --order <id>, or --trace <id>: one of them');
      if (name !== undefined) {
        if (options.json === true) throw new UsageError('--json goes with --order or --trace');
        return await (await logsMeant(options)).print(name, options.follow === true);
      }
      if (options.follow === true) throw new UsageError('--follow goes with the name of a part');
      const logs = await logsMeant(options);
      const lines = await logs.linesOfTrace(await traceIdOf(options, logs));
      if (options.json === true) return printJson({ lines });
      if (lines.length === 0) throw new CommandFailed('No part has written a line about it');
      print(...storyLines(lines));
    });
}
