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
  await interruptible(
    'Interrupted: what was started is taken down',
    startBare,
    new CommandFailed('Interrupted'),
  );
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
Each comparison has two meshes of its own, with the number of MESH_INSTANCE and the next one, and
takes turns between them: A B, B A, A B, …
A set of figures has one mesh, just started, and lengths of its own.
A pair is INVALID when the machine drifted by over 30 %, or foreign processes took over 10 % of
the CPU, and so are figures. What is whole is kept below .mesh/bench; the same command measures
what is missing or INVALID.

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
    .option('--fresh', 'begin from scratch, with nothing kept of these; go on later without it')
    .option('--dry-run', 'show what would be measured, and about how long that takes')
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(run);
  bench
    .command('bare')
    .description(
      'start the services alone: no sidecar, nothing of OpenTelemetry; ./mesh down ends them. They have the data of that mesh',
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
