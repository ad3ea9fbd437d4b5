/** `./mesh bench`: what the mesh costs, by paired runs on a mesh that is started for them. */
import { laboratoryCommands } from '@microshop/cli/laboratory';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { columns } from '@microshop/cli/output/columns';
import { CommandFailed, ProvedNothing, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { durationText, positiveInteger, wholeSeconds } from '@microshop/cli/output/values';
import { benchDirectory, repositoryRoot } from '@microshop/program-kit/run-directory';
import { services } from '@microshop/topology';
import type { Command } from 'commander';
import { mostPairs } from '../statistics/sign-flip.ts';
import { comparePairs } from './compare.ts';
import {
  againstCommit,
  type Code,
  type Comparison,
  comparisons,
  isAgainst,
  type Side,
} from './comparisons.ts';
import { createCheckoutMeshes, endMesh } from './mesh/checkout-meshes.ts';
import { folderOfCommit } from './mesh/commit-folder.ts';
import { instancesOf, nextInstance } from './mesh/instances.ts';
import { createMeshes } from './mesh/measured-mesh.ts';
import { readEnvironment } from './results/environment.ts';
import { pairLine, resultLines } from './results/lines.ts';
import { costPicture, costTable } from './results/pages.ts';
import { leftOf, planOf } from './results/plan.ts';
import type { Result } from './results/schemas.ts';
import { continued, readResult, resultFile } from './results/store.ts';
import { summaryOf } from './results/summary.ts';
import { usual } from './setup.ts';

/** Time that one run takes beside its load, seconds: half a start, products, the check of traces. For the estimate. */
const besideLoadSeconds = 15;

interface Options {
  readonly only?: string;
  readonly against?: string;
  readonly of?: string;
  readonly pairs: string;
  readonly duration: string;
  readonly warmUp: string;
  readonly rate?: string;
  readonly fresh?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The comparisons of those names, separated by commas; all without. Throws `UsageError` naming the ones there are. */
export function picked(only: string | undefined): readonly Comparison[] {
  if (only === undefined) return comparisons;
  return only.split(',').map((name) => {
    const found = comparisons.find((one) => one.name === name.trim());
    if (found === undefined) {
      throw new UsageError(
        `There is no comparison "${name.trim()}"; there are ${comparisons.map((one) => one.name).join(', ')}`,
      );
    }
    return found;
  });
}

/** Whether each pair of the plan is there and proves something. */
function isValid({ plan, pairs }: Result): boolean {
  return leftOf(planOf(plan.pairs), pairs).length === 0;
}

function isOpen({ sides }: Comparison): boolean {
  return sides.some(({ load }) => load.arrivals === 'rate');
}

/** The closed comparison whose first side says what the mesh can do. */
const capacityComparison = 'bare-32';

/**
 * Orders per second of an open load: as given, else as of the kept pairs, else half of what the mesh did with 32 clients.
 * Throws `UsageError` when that was not measured.
 */
async function rateOf(
  given: string | undefined,
  kept: Result | undefined,
  directory: string,
): Promise<number> {
  if (given !== undefined) return positiveInteger('--rate', given, 100_000);
  if (kept?.plan.rate !== undefined) return kept.plan.rate;
  const capacity = await readResult(directory, capacityComparison);
  if (capacity === undefined || !isValid(capacity)) {
    throw new UsageError(`An open load needs a rate: --rate 100, or valid pairs of ${capacityComparison}`);
  }
  return Math.max(1, Math.round(summaryOf(capacity.pairs).ordersPerSecond.sides[0].median / 2));
}

function typedCommand(): string {
  const instance = process.env['MESH_INSTANCE'];
  return [
    ...(instance === undefined ? [] : [`MESH_INSTANCE=${instance}`]),
    './mesh',
    ...process.argv.slice(2),
  ].join(' ');
}

function plannedLines(chosen: readonly Comparison[], plan: Result['plan']): string[] {
  const seconds = chosen.length * plan.pairs * 2 * (plan.seconds + plan.warm_up_s + besideLoadSeconds);
  return [
    ...columns(
      ['comparison', 'first side', 'second side'],
      chosen.map(({ name, sides }) => [name, sides[0].name, sides[1].name]),
    ),
    `${chosen.length * plan.pairs} pairs, about ${durationText(Math.ceil(seconds / 60) * 60_000)}`,
  ];
}

/** What is asked for: the comparisons, and of which code. Makes the folders of other commits. Throws `UsageError`. */
async function chosenBy({ only, against, of }: Options) {
  const here: Code = { folder: repositoryRoot };
  if (against === undefined) {
    if (of !== undefined) throw new UsageError('--of goes with --against');
    return { code: here, chosen: picked(only) };
  }
  if (only !== undefined) throw new UsageError('--against is a comparison of its own: leave out --only');
  const code = of === undefined ? here : await folderOfCommit(of);
  return { code, chosen: [againstCommit(code, await folderOfCommit(against))] };
}

/** Starts the meshes of both kinds of sides. Throws `CommandFailed` when a mesh of that number runs already. */
async function startMeshes(chosen: readonly Comparison[], signal: AbortSignal) {
  const { instance } = meshSettings();
  const here = await createMeshes([instance, nextInstance(instance)], signal);
  const folders = chosen.flatMap(({ sides }) => sides).flatMap(({ checkout }) => checkout ?? []);
  const instances = instancesOf(folders, instance);
  // what an interrupted run left of it has the ports
  for (const [folder, ofFolder] of instances) await endMesh(folder, ofFolder);
  const checkouts = createCheckoutMeshes(instances, signal);
  return {
    meshOf: async ({ checkout, setup }: Side) =>
      checkout === undefined ? await here.with(setup) : await checkouts.of(checkout),
    down: async () => {
      await here.down();
      await checkouts.down();
    },
  };
}

async function run(options: Options): Promise<void> {
  const { code, chosen } = await chosenBy(options);
  const plan = {
    pairs: positiveInteger('--pairs', options.pairs, mostPairs),
    seconds: wholeSeconds('--duration', options.duration),
    warm_up_s: wholeSeconds('--warm-up', options.warmUp),
  };
  if (options.dryRun === true) {
    print(...plannedLines(chosen, plan));
    return;
  }
  const directory = benchDirectory();
  const found = await readEnvironment();
  // what stands here is not measured then
  const environment = code.commit === undefined ? found : { ...found, commit: code.commit, changed: false };
  const command = typedCommand();
  const begin = async (comparison: Comparison): Promise<Result> => {
    const kept = options.fresh === true ? undefined : await readResult(directory, comparison.name);
    const { name, says, sides } = comparison;
    const ofThis = isOpen(comparison) ? { ...plan, rate: await rateOf(options.rate, kept, directory) } : plan;
    return continued(kept, {
      comparison: name,
      says,
      sides: [sides[0].name, sides[1].name],
      command,
      environment,
      plan: ofThis,
    });
  };
  // refuses before anything starts; a rate may still come of what is measured first
  const rateComes = chosen.some(({ name }) => name === capacityComparison);
  for (const comparison of chosen) if (!(isOpen(comparison) && rateComes)) await begin(comparison);

  const interrupted = new AbortController();
  for (const by of ['SIGINT', 'SIGTERM'] as const) {
    process.once(by, () => interrupted.abort(new CommandFailed('Interrupted; whole pairs are kept')));
  }
  const { meshOf, down } = await startMeshes(chosen, interrupted.signal);
  const results: Result[] = [];
  const leftOut: string[] = [];
  try {
    for (const comparison of chosen) {
      const { name, sides } = comparison;
      const kept = await begin(comparison).catch((error: unknown) => {
        if (!(error instanceof UsageError && isOpen(comparison) && rateComes)) throw error;
        progress(`${name} is left out: ${error.message}`);
        leftOut.push(name);
      });
      if (kept === undefined) continue;
      progress(`${name}: ${leftOf(planOf(plan.pairs), kept.pairs).length} of ${plan.pairs} pairs to measure`);
      const onPair = (result: Result, index: number) => {
        const pair = result.pairs.find((one) => one.index === index);
        if (pair !== undefined)
          progress(
            pairLine(
              pair,
              plan.pairs,
              sides.map((side) => side.name),
            ),
          );
      };
      results.push(
        await comparePairs({ comparison, kept, meshOf, directory, signal: interrupted.signal, onPair }),
      );
    }
  } finally {
    await down();
  }
  if (options.json === true) {
    printJson({
      results: results.map((one) => ({ ...one, valid: isValid(one), summary: summaryOf(one.pairs) })),
    });
  } else {
    for (const result of results)
      print(...resultLines(result), `  ${resultFile(directory, result.comparison)}`, '');
  }
  const invalid = [...results.filter((one) => !isValid(one)).map(({ comparison }) => comparison), ...leftOut];
  if (invalid.length > 0) throw new ProvedNothing(`INVALID: ${invalid.join(', ')}`);
}

async function list(options: { readonly json?: boolean }): Promise<void> {
  const directory = benchDirectory();
  const rows = await Promise.all(
    comparisons.map(async ({ name, says }) => {
      const kept = await readResult(directory, name);
      const valid = kept?.pairs.filter(({ invalid }) => invalid.length === 0).length ?? 0;
      return { name, says, pairs: kept?.plan.pairs ?? null, valid };
    }),
  );
  if (options.json === true) printJson({ comparisons: rows });
  else {
    const kept = (valid: number, pairs: number | null) => (pairs === null ? '–' : `${valid} of ${pairs}`);
    print(
      ...columns(
        ['comparison', 'first ÷ second', 'valid pairs'],
        rows.map((row) => [row.name, row.says, kept(row.valid, row.pairs)]),
      ),
    );
  }
}

/** Starts the services alone and leaves them running. */
async function bare(): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new CommandFailed('Interrupted')));
  const meshes = await createMeshes([meshSettings().instance], interrupted.signal);
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

/** Prints kept results for a page. Throws `CommandFailed` for one that is missing, or proves nothing. */
async function report(names: string, options: { readonly svg?: boolean }): Promise<void> {
  const results = await Promise.all(
    names.split(',').map(async (typed) => {
      const name = isAgainst(typed) ? typed : (picked(typed)[0]?.name ?? typed);
      const result = await readResult(benchDirectory(), name);
      if (result === undefined) {
        const how = isAgainst(name) ? '--against <commit>' : `--only ${name}`;
        throw new CommandFailed(`Nothing is kept of ${name}: ./mesh bench ${how}`);
      }
      return result;
    }),
  );
  if (options.svg !== true) return print(...costTable(results));
  const of = results.map(
    ({ environment: { cpu, cores, commit } }) => `${cores} × ${cpu}, ${commit.slice(0, 7)}`,
  );
  print(costPicture(results, `${[...new Set(of)].join('; ')}; bench report ${names} --svg`));
}

const help = `
Each comparison has two meshes of its own, with the number of MESH_INSTANCE and the next one, and
takes turns between them: A B, B A, A B, …
A pair is INVALID when the machine drifted by over 30 %, or foreign processes took over 10 % of
the CPU. Whole pairs are kept below .mesh/bench; the same command measures what is missing or
INVALID.

Examples:
  ./mesh bench list
  MESH_INSTANCE=2 ./mesh bench --only traces,replicas
  MESH_INSTANCE=2 ./mesh bench --against HEAD~1`;

/** Adds the command with its subcommand to the program. */
export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .description(laboratoryCommands.bench)
    .option('--only <names>', 'these comparisons, separated by commas; all without it')
    .option('--against <commit>', 'the mesh of this code as it stands, against that of another commit')
    .option('--of <commit>', 'with --against: in the place of this code, that of a commit')
    .option('--pairs <n>', 'pairs of runs; 6 are the fewest that tell a difference from chance', '6')
    .option('--duration <time>', 'length of each run', '10s')
    .option('--warm-up <time>', 'load before each run', '5s')
    .option('--rate <n>', 'orders per second of an open load')
    .option('--fresh', 'forget the kept pairs of these comparisons')
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
    .description('valid results for a page: a table of Markdown, or a picture')
    .argument('<comparisons>', 'their names, separated by commas')
    .option('--svg', 'print the picture')
    .addHelpText('after', '\nExample:\n  ./mesh bench report bare-1,bare-8,bare-32 --svg')
    .action(report);
  bench
    .command('list')
    .description('the comparisons, and what is kept of each')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh bench list')
    // an option of both is read by the one above
    .action((_options: object, command: Command) => list(command.optsWithGlobals<{ json?: boolean }>()));
}
