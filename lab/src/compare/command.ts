/** `./mesh experiment compare`: one fault under several policies, and a verdict on every figure. */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { highestRate } from '@microshop/cli/commands/load';
import { exitCodes, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { wholeNumber, wholeSeconds } from '@microshop/cli/output/values';
import { policiesIn } from '@microshop/cli/policies/read-file';
import { helpHere, quoted } from '@microshop/program-kit/typed-here';
import type { Placement } from '@microshop/topology';
import type { Command } from 'commander';
import { readEnvironment } from '../bench/results/environment.ts';
import { inLaboratory } from '../experiment/hands.ts';
import { keptLines } from '../experiment/report.ts';
import { refuseNativeOnly } from '../experiment/where.ts';
import { endEdited } from '../mutants/restarted.ts';
import { replicaMistake } from '../search/schedule.ts';
import { seedOf } from '../seed.ts';
import { leastBlocks } from '../statistics/compare.ts';
import { mostPairs } from '../statistics/sign-flip.ts';
import { typedArms } from './arms.ts';
import { faultOf } from './fault-words.ts';
import { type PrimaryName, primaryNames } from './figures.ts';
import { type Named, namedComparisons } from './named.ts';
import { comparisonPage, comparisonPageName } from './page.ts';
import { type ComparisonReport, type Plan, runComparison } from './run.ts';
import { runArm } from './run-arm.ts';
import { comparisonLines } from './table.ts';

/** Length of the phase before the fault, seconds: it shows whether the mesh has recovered from the run before. */
const steadySeconds = 2;

/** Length of the fault, seconds, where none is given. */
const usualLength = 5;

/** Length of the phase after the fault, seconds, where none is given: a breaker is open for up to 5 s of it. */
const usualHeal = 8;

/** Buyers per second, where none are given. */
const usualRate = 20;

/** Blocks that are run when no number is given: with six, two arms can just be distinguished. */
const usualBlocks = 8;

const help = `
An arm is a file as ./mesh policy export prints it, or "today": what is in effect. The others are
compared with the first one. Each block runs every arm once, in random order: load, then the fault,
then its end.

Exit code: 0 when every block counts, whatever the verdicts; 2 wrong usage; 3 when one does not.
The mesh is restored afterwards, also after Ctrl-C; after kill -9 the control service restores it
within half a minute.

Example:
  ./mesh experiment compare --fault "products abort 503 30%" --arm today --arm mine.yaml`;

interface Options {
  readonly fault?: string;
  readonly arm?: readonly string[];
  readonly blocks?: string;
  readonly primary?: string;
  readonly seed?: string;
  readonly rate?: string;
  readonly length?: string;
  readonly heal?: string;
  readonly json?: boolean;
}

/** What is compared: by name, or as it was typed. */
async function compared(
  name: string | undefined,
  { fault, arm = [] }: Options,
): Promise<Omit<Named, 'name' | 'says'>> {
  if (name === undefined) {
    if (fault === undefined) throw new UsageError('Name a fault: --fault "products abort 503 30%"');
    return { fault: faultOf(fault), arms: await typedArms(arm, policiesIn), primary: 'success' };
  }
  const found = namedComparisons.find((one) => one.name === name);
  if (found === undefined) {
    throw new UsageError(
      `There is no comparison "${name}"; there are ${namedComparisons.map((one) => one.name).join(', ')}, or --fault with --arm`,
    );
  }
  if (arm.length > 0) throw new UsageError(`"${name}" has its own arms; leave out --arm`);
  if (fault === undefined) return found;
  if (found.fault.kind !== 'calls') throw new UsageError(`"${name}" has its own fault; leave out --fault`);
  return { ...found, fault: faultOf(fault) };
}

function primaryOf(text: string): PrimaryName {
  const found = primaryNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`--primary must be ${primaryNames.join(', ')}, not "${text}"`);
}

/** The plan that was typed. Throws `UsageError`. */
export async function planOf(name: string | undefined, options: Options): Promise<Plan> {
  const found = await compared(name, options);
  const { fault, arms, primary, unchecked = false } = found;
  const { rate = usualRate, lengthSeconds = usualLength, healSeconds = usualHeal } = found;
  const least = leastBlocks(arms.length - 1);
  const { blocks, seed } = options;
  return {
    fault,
    service: fault.kind === 'calls' ? fault.service : (found.service ?? 'orders'),
    ...(found.throughout === undefined ? {} : { throughout: found.throughout }),
    ...(found.replicas === undefined ? {} : { replicas: found.replicas }),
    arms,
    primary: options.primary === undefined ? primary : primaryOf(options.primary),
    blocks:
      blocks === undefined
        ? Math.max(usualBlocks, least)
        : wholeNumber(`--blocks with ${arms.length} arms`, blocks, least, mostPairs),
    seed: seedOf(seed),
    unchecked,
    rate: options.rate === undefined ? rate : wholeNumber('--rate', options.rate, 1, highestRate),
    seconds: {
      steady: steadySeconds,
      fault: options.length === undefined ? lengthSeconds : wholeSeconds('--length', options.length),
      heal: options.heal === undefined ? healSeconds : wholeSeconds('--heal', options.heal),
    },
  };
}

/** Throws `UsageError` for a fault that no run could set on that mesh: each would be INVALID, after minutes. */
export function refuseFault({ fault }: Pick<Plan, 'fault'>, placement: Placement): void {
  const mistake = fault.kind === 'calls' ? replicaMistake(fault, placement) : undefined;
  if (mistake !== undefined) throw new UsageError(`--fault: ${mistake}`);
}

/** The command that runs the same again, with every number. */
export function commandOf(
  name: string | undefined,
  { fault, arm = [] }: Pick<Options, 'fault' | 'arm'>,
  { blocks, seed, rate, primary, seconds }: Plan,
): string {
  return [
    './mesh experiment compare',
    ...(name === undefined ? [] : [name]),
    ...(fault === undefined ? [] : [`--fault "${fault}"`]),
    ...arm.map((text) => `--arm ${quoted(text)}`),
    `--blocks ${blocks} --seed ${seed} --primary ${primary} --rate ${rate}`,
    `--length ${seconds.fault}s --heal ${seconds.heal}s`,
  ].join(' ');
}

/** Writes the page beside the report; its path. */
async function writePage(
  report: ComparisonReport,
  file: string,
  name: string | undefined,
  options: Options,
): Promise<string> {
  const page = path.join(path.dirname(file), comparisonPageName);
  const parts = {
    name: name ?? 'arms of my own',
    says: namedComparisons.find((one) => one.name === name)?.says ?? 'Is another policy better?',
    environment: await readEnvironment(),
    command: helpHere(commandOf(name, options, report.plan)),
  };
  await writeFile(page, comparisonPage(report, parts));
  return page;
}

function endLines(
  { plan, runs, valid, valid_blocks: blocks }: ComparisonReport,
  file: string,
  page: string,
): string[] {
  const reasons = runs.flatMap(({ arm, block, invalid }) =>
    invalid.map((reason) => `  block ${block}, ${arm}: ${reason}`),
  );
  return [
    '',
    `blocks      ${blocks.length} of ${plan.blocks} count, seed ${plan.seed}${valid ? '' : ': INVALID'}`,
    ...reasons,
    ...keptLines({ file, page }),
  ];
}

/** Adds the subcommand. */
export function registerCompare(experiment: Command): void {
  experiment
    .command('compare')
    .description('run one fault under several policies, and say of every figure which is better')
    .argument('[name]', namedComparisons.map(({ name }) => name).join(', '))
    .option('--fault <fault>', 'as in ./mesh fault set, without dashes: "products abort 503 30%"')
    .option(
      '--arm <file>',
      'a file of policies, or today; at least twice',
      (text: string, all: string[] = []) => [...all, text],
    )
    .option('--blocks <n>', `runs of every arm (default: ${usualBlocks}); fixed beforehand`)
    .option('--primary <figure>', `${primaryNames.join(', ')}: what decides (default: success)`)
    .option('--seed <n>', 'seed of the order of the arms in each block')
    .option('--rate <n>', `buyers per second (default: ${usualRate}, or that of the comparison)`)
    .option(
      '--length <duration>',
      `length of the fault (default: ${usualLength}s, or that of the comparison)`,
    )
    .option(
      '--heal <duration>',
      `length of the phase after it (default: ${usualHeal}s, or that of the comparison)`,
    )
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (name: string | undefined, options: Options) => {
      const plan = await planOf(name, options);
      const { fault, replicas = {} } = plan;
      const wanting = { name: name ?? 'the comparison', fault, replicas };
      refuseNativeOnly([wanting], 'compare');
      const { report, file } = await inLaboratory(true, [wanting], async ({ lab }) => {
        refuseFault(plan, lab.placement);
        progress(`${plan.blocks} blocks of ${plan.arms.length} arms, seed ${plan.seed}`);
        return await runComparison(plan, { ...lab, ready: () => endEdited(lab) }, (arm, block, directory) =>
          runArm(plan, arm, block, lab, directory),
        );
      });
      const page = await writePage(report, file, name, options);
      if (options.json === true) printJson(report);
      else print(...comparisonLines(report.figures), ...endLines(report, file, page));
      process.exitCode = report.valid ? exitCodes.done : exitCodes.unproven;
    });
}
