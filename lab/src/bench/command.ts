/** `./mesh bench`: what the mesh costs, measured on meshes that are started for it. */
import { laboratoryCommands } from '@microshop/cli/laboratory';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { columns } from '@microshop/cli/output/columns';
import { CommandFailed } from '@microshop/cli/output/errors';
import { print } from '@microshop/cli/output/output';
import { services } from '@microshop/topology';
import type { Command } from 'commander';
import { interruptible } from '../interruptible.ts';
import { list, report } from './kept-command.ts';
import { createMeshes } from './mesh/measured-mesh.ts';
import { run } from './run-command.ts';
import { usual } from './setup.ts';

/** Starts the services alone and leaves them running. */
async function bare(): Promise<void> {
  await interruptible('Interrupted: stopping what was started', startBare, new CommandFailed('Interrupted'));
}

async function startBare(interrupted: AbortSignal): Promise<void> {
  const meshes = await createMeshes([meshSettings().instance], interrupted);
  try {
    const { urlOf } = await meshes.with({ ...usual, stack: 'bare' });
    print(
      ...columns(
        ['service', 'where'],
        services.map(({ name, route }) => [name, `${urlOf(name)}${route}`]),
      ),
    );
  } catch (error) {
    await meshes.down();
    throw error;
  }
}

const help = `
A comparison starts two meshes, with the number of MESH_INSTANCE and the next one, and alternates
between them: A B, B A, A B, …
A set of figures measures one newly started mesh, for a fixed time.
Pairs and figures are INVALID if the machine drifted by over 30 %, or foreign processes took over
10 % of the CPU. Complete ones are saved below .mesh/bench; the same command measures what is
missing or INVALID.

Examples:
  ./mesh bench list
  MESH_INSTANCE=2 ./mesh bench --only traces,replicas
  MESH_INSTANCE=2 ./mesh bench --only rest,sidecar,up
  MESH_INSTANCE=2 ./mesh bench --against HEAD~1`;

/** Adds the command with its subcommand to the program. */
export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .description(laboratoryCommands.bench)
    .option('--only <names>', 'only these comparisons and figures, separated by commas (default: all)')
    .option('--against <commit>', 'measure the working tree against another commit')
    .option('--of <commit>', 'with --against: measure this commit instead of the working tree')
    .option('--pairs <n>', 'pairs of runs; 6 are the fewest that tell a difference from chance', '6')
    .option('--duration <time>', 'length of each run of a pair', '10s')
    .option('--warm-up <time>', 'warm-up load before each run of a pair', '5s')
    .option('--rate <n>', 'orders per second of an open load')
    .option('--fresh', 'discard the saved results of these and start over; continue later without it')
    .option('--dry-run', 'show what would be measured, and about how long that takes')
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(run);
  bench
    .command('bare')
    .description(
      'start the services alone, without sidecars and OpenTelemetry, on the data of that mesh; ./mesh down stops them',
    )
    .addHelpText('after', '\nExample:\n  MESH_INSTANCE=2 ./mesh bench bare')
    .action(bare);
  bench
    .command('report')
    .description('valid results for a page: tables of Markdown, or a picture')
    .argument('<names>', 'comparisons and figures, separated by commas')
    .option('--svg', 'print the picture')
    .addHelpText('after', '\nExample:\n  ./mesh bench report bare-1,bare-8,bare-32 --svg')
    .action(report);
  bench
    .command('list')
    .description('list what can be measured, and how many results of each are kept')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh bench list')
    // an option that both commands have is read by the parent
    .action((_options: object, command: Command) => list(command.optsWithGlobals<{ json?: boolean }>()));
}
