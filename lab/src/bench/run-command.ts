/** `./mesh bench`: measures what was picked, or says what it would measure. */
import { meshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed, ProvedNothing, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { positiveInteger, wholeSeconds } from '@microshop/cli/output/values';
import { ExplainedError, messageOf } from '@microshop/program-kit/errors';
import { benchDirectory, repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { interruptible } from '../interruptible.ts';
import { mostPairs } from '../statistics/sign-flip.ts';
import { type Chosen, picked, refuseIdle } from './chosen.ts';
import { comparePairs } from './compare.ts';
import { againstCommit, type Code, type Comparison, isOpen, type Side } from './comparisons.ts';
import { figureLines, measurementLine } from './figures/lines.ts';
import { measureSet } from './figures/measure-set.ts';
import type { KeptFigures } from './figures/schemas.ts';
import type { FigureSet } from './figures/set.ts';
import { continuedFigures, readFigures } from './figures/store.ts';
import { areValid, figuresOf } from './figures/summary.ts';
import { createCheckoutMeshes, endMesh } from './mesh/checkout-meshes.ts';
import { folderOfCommit } from './mesh/commit-folder.ts';
import { instancesOf, nextInstance } from './mesh/instances.ts';
import { createMeshes } from './mesh/measured-mesh.ts';
import { plannedDocument, plannedLines } from './planned.ts';
import { readEnvironment } from './results/environment.ts';
import { pairLine, resultLines } from './results/lines.ts';
import { leftOf, planOf } from './results/plan.ts';
import type { Environment, Result } from './results/schemas.ts';
import { continued, readResult, resultFile } from './results/store.ts';
import { summaryOf } from './results/summary.ts';

/** What was typed. */
export interface RunOptions {
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

/** What all that is measured in one run shares. */
interface Begun {
  readonly plan: Result['plan'];
  readonly command: string;
  readonly environment: Environment;
  /** Where results are kept. */
  readonly directory: string;
  /** Whether what is kept counts no more. */
  readonly fresh: boolean;
  /** Orders per second of an open load, as typed. */
  readonly rate: string | undefined;
}

/** The same while it is measured. */
interface Run extends Begun {
  readonly signal: AbortSignal;
}

/** Measures. Throws `UsageError` before anything starts, and `ProvedNothing` when something is INVALID or was left out. */
export async function run(options: RunOptions, command: Command): Promise<void> {
  const { code, chosen } = await chosenBy(options);
  refuseIdle(
    command.options
      .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
      .map(({ long }) => long),
    chosen,
  );
  const plan = {
    pairs: positiveInteger('--pairs', options.pairs, mostPairs),
    seconds: wholeSeconds('--duration', options.duration),
    warm_up_s: wholeSeconds('--warm-up', options.warmUp),
  };
  if (options.rate !== undefined) positiveInteger('--rate', options.rate, mostRate);
  if (options.dryRun === true) {
    if (options.json === true) printJson(plannedDocument(chosen, plan));
    else print(...plannedLines(chosen, plan));
    return;
  }
  const found = await readEnvironment();
  const { changes: _, ...here } = found;
  const begun: Begun = {
    plan,
    command: typedCommand(),
    // the working tree is not measured then
    environment: code.commit === undefined ? found : { ...here, commit: code.commit, changed: false },
    directory: benchDirectory(),
    fresh: options.fresh === true,
    rate: options.rate,
  };
  // refuses before anything starts; the rate may still come from what is measured first
  const rateComes = chosen.comparisons.some(({ name }) => name === capacityComparison);
  for (const one of chosen.comparisons) if (!(isOpen(one) && rateComes)) await begin(one, begun);
  for (const set of chosen.sets) await beginSet(set, begun);

  const { compared, measured } = await interruptible(
    'Interrupted: stopping the meshes',
    async (signal) => ({
      compared: await compareAll(chosen.comparisons, rateComes, { ...begun, signal }),
      measured: await measureAll(chosen.sets, { ...begun, signal }),
    }),
    new CommandFailed('Interrupted; complete results are saved'),
  );
  const { results } = compared;
  const { figures } = measured;
  if (options.json === true) {
    printJson({
      results: results.map((one) => ({ ...one, valid: isValid(one), summary: summaryOf(one.pairs) })),
      figures: figures.map((one) => ({
        ...one,
        valid: areValid(one),
        summary: figuresOf(one.measurements),
      })),
    });
  } else {
    const file = (name: string) => `  ${resultFile(begun.directory, name)}`;
    for (const result of results) print(...resultLines(result), file(result.comparison), '');
    for (const kept of figures) print(...figureLines(kept), file(kept.set), '');
  }
  const invalid = [
    ...results.filter((one) => !isValid(one)).map(({ comparison }) => comparison),
    ...figures.filter((one) => !areValid(one)).map(({ set }) => set),
    ...compared.leftOut,
    ...measured.leftOut,
  ];
  if (invalid.length > 0) throw new ProvedNothing(`INVALID: ${invalid.join(', ')}`);
}

/** What is asked for, and of which code. Makes the folders of other commits. Throws `UsageError`. */
async function chosenBy({ only, against, of }: RunOptions): Promise<{ code: Code; chosen: Chosen }> {
  const here: Code = { folder: repositoryRoot };
  if (against === undefined) {
    if (of !== undefined) throw new UsageError('--of goes with --against');
    return { code: here, chosen: picked(only) };
  }
  if (only !== undefined) throw new UsageError('--against is a comparison of its own: leave out --only');
  const code = of === undefined ? here : await folderOfCommit(of);
  return { code, chosen: { comparisons: [againstCommit(code, await folderOfCommit(against))], sets: [] } };
}

function typedCommand(): string {
  const instance = process.env['MESH_INSTANCE'];
  return [
    ...(instance === undefined ? [] : [`MESH_INSTANCE=${instance}`]),
    './mesh',
    ...process.argv.slice(2),
  ].join(' ');
}

/** Whether each pair of the plan is there and proves something. */
function isValid({ plan, pairs }: Result): boolean {
  return leftOf(planOf(plan.pairs), pairs).length === 0;
}

/** Most orders per second that can be asked for. */
const mostRate = 100_000;

/** The closed comparison whose first side says what the mesh can do. */
const capacityComparison = 'bare-32';

/**
 * Orders per second of an open load: as typed, else as of the kept pairs, else half of what the mesh did with 32 clients.
 * Throws `UsageError` when that was not measured.
 */
async function rateOf({ rate, directory }: Begun, kept: Result | undefined): Promise<number> {
  if (rate !== undefined) return positiveInteger('--rate', rate, mostRate);
  if (kept?.plan.rate !== undefined) return kept.plan.rate;
  const capacity = await readResult(directory, capacityComparison);
  if (capacity === undefined || !isValid(capacity)) {
    throw new UsageError(`An open load needs a rate: --rate 100, or valid pairs of ${capacityComparison}`);
  }
  return Math.max(1, Math.round(summaryOf(capacity.pairs).ordersPerSecond.sides[0].median / 2));
}

/** What the pairs are added to. Throws `UsageError` when there are some that they cannot be added to. */
async function begin(comparison: Comparison, shared: Begun): Promise<Result> {
  const { plan, command, environment, directory, fresh } = shared;
  const { name, says, sides } = comparison;
  const kept = fresh ? undefined : await readResult(directory, name);
  return continued(kept, {
    comparison: name,
    says,
    sides: [sides[0].name, sides[1].name],
    command,
    environment,
    plan: isOpen(comparison) ? { ...plan, rate: await rateOf(shared, kept) } : plan,
  });
}

/** The same for a set of figures. */
async function beginSet({ name, says, times }: FigureSet, shared: Begun): Promise<KeptFigures> {
  const { command, environment, directory, fresh } = shared;
  const kept = fresh ? undefined : await readFigures(directory, name);
  return continuedFigures(kept, { set: name, says, command, environment, times });
}

/** Starts the meshes of both kinds of sides. Throws `CommandFailed` when a mesh of that number runs already. */
async function startMeshes(chosen: readonly Comparison[], signal: AbortSignal) {
  const { instance } = meshSettings();
  const here = await createMeshes([instance, nextInstance(instance)], signal);
  const folders = chosen.flatMap(({ sides }) => sides).flatMap(({ checkout }) => checkout ?? []);
  const instances = instancesOf(folders, instance);
  // the rest of an interrupted run may hold the ports
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

/** Measures each comparison; one whose rate did not come of those before it is left out. */
async function compareAll(chosen: readonly Comparison[], rateComes: boolean, shared: Run) {
  const { plan, directory, signal } = shared;
  const results: Result[] = [];
  const leftOut: string[] = [];
  if (chosen.length === 0) return { results, leftOut };
  const { meshOf, down } = await startMeshes(chosen, signal);
  try {
    for (const comparison of chosen) {
      const { name, sides } = comparison;
      const kept = await begin(comparison, shared).catch((error: unknown) => {
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
      results.push(await comparePairs({ comparison, kept, meshOf, directory, signal, onPair }));
    }
  } finally {
    await down();
  }
  return { results, leftOut };
}

/** Takes the figures of each set, on a mesh that was just started; one that cannot be measured here is left out. */
async function measureAll(sets: readonly FigureSet[], shared: Run) {
  const { directory, signal } = shared;
  const figures: KeptFigures[] = [];
  const leftOut: string[] = [];
  if (sets.length === 0) return { figures, leftOut };
  const settings = meshSettings();
  const meshes = await createMeshes([settings.instance], signal);
  const bench = { meshOf: meshes.with, settings, signal };
  try {
    for (const set of sets) {
      await meshes.down();
      const kept = await beginSet(set, shared);
      const left = leftOf(planOf(set.times), kept.measurements).length;
      progress(`${set.name}: ${left} of ${set.times} measurements to take`);
      try {
        figures.push(
          await measureSet({
            set,
            kept,
            bench,
            directory,
            onMeasurement: (one) => progress(measurementLine(one, set.times)),
          }),
        );
      } catch (error) {
        if (signal.aborted || !(error instanceof ExplainedError)) throw error;
        progress(`${set.name} is left out: ${messageOf(error)}`);
        leftOut.push(set.name);
      }
    }
  } finally {
    await meshes.down();
  }
  return { figures, leftOut };
}
