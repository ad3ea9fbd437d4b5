/** Runs the blocks of a comparison, and gives the mesh back as it was. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { wantedOf } from '@microshop/cli/policies/write-file';
import type { WantedPolicy } from '@microshop/control/changes/schemas';
import { experimentFiles, runStamp } from '@microshop/program-kit/run-directory';
import type { Replicas, ServiceName } from '@microshop/topology';
import type { CallsFault, Fault, PhaseSeconds } from '../experiment/definition.ts';
import { type Lender, withLease } from '../experiment/lease.ts';
import { randomisedBlocks } from '../statistics/random.ts';
import { type Arm, overlaid } from './arms.ts';
import type { PrimaryName, Values } from './figures.ts';
import { type ArmRun, type FigureResult, judge, validBlocks } from './judge.ts';

/** What is compared, and how long. */
export interface Plan {
  readonly fault: Fault;
  /** What holds before, during and after the fault. */
  readonly throughout?: CallsFault;
  /** The service whose calls are counted: that of the fault, or the one that it makes short of time. */
  readonly service: ServiceName;
  /** Replicas that it needs, where one is not enough. */
  readonly replicas?: Replicas;
  readonly arms: readonly Arm[];
  /** Whether the policies of an arm need not fit together. */
  readonly unchecked: boolean;
  /** Fixed beforehand; each has every arm once. */
  readonly blocks: number;
  /** Of the order of the arms in the blocks. */
  readonly seed: number;
  readonly primary: PrimaryName;
  /** Buyers per second. */
  readonly rate: number;
  readonly seconds: PhaseSeconds;
}

/** What came of it, as it is kept. */
export interface ComparisonReport {
  readonly plan: Plan;
  /** The policies before, and after: what {@link Plan.arms} lay upon. */
  readonly base: readonly WantedPolicy[];
  readonly runs: readonly ArmRun[];
  readonly valid_blocks: readonly number[];
  /** Whether every block was run and counts. */
  readonly valid: boolean;
  readonly figures: readonly FigureResult[];
}

/** What it runs with. */
interface Bench {
  readonly control: Lender & Pick<ControlClient, 'faults' | 'clearFaults' | 'policies' | 'applyPolicies'>;
  /** Directory that gets a folder for each comparison. */
  readonly reports: string;
  /** Aborted when it is to end early; the mesh is given back all the same. */
  readonly interrupted: AbortSignal;
  onProgress(text: string): void;
  /** Called once no other command changes the mesh: ends what a killed command has left on it. */
  ready(): Promise<void>;
}

/** Runs one arm in one block under the policies that are in effect, with a directory for what it leaves. */
type RunArm = (arm: Arm, block: number, directory: string) => Promise<ArmRun>;

/**
 * Runs it. Throws `ProvedNothing` when a fault is set already, and what the control service throws for policies that it
 * refuses, before any load. Whatever it throws, the fault is gone and the policies are those from before by then; the control
 * service sees to that should this process be gone.
 */
export async function runComparison(
  plan: Plan,
  lab: Bench,
  runArm: RunArm,
): Promise<{ readonly report: ComparisonReport; readonly file: string }> {
  const { control } = lab;
  if ((await control.faults()).length > 0) {
    throw new ProvedNothing('INVALID: a fault is set already; end it with ./mesh fault clear');
  }
  const base = wantedOf((await control.policies()).policies);
  const directory = path.join(lab.reports, `compare-${runStamp()}`);
  await mkdir(directory, { recursive: true });
  return await withLease(
    control,
    async (lost) => {
      const runs: ArmRun[] = [];
      const keep = () => keepReport(plan, base, runs, directory);
      try {
        await runBlocks(plan, lab, base, lost, directory, runArm, runs);
      } catch (error) {
        // what was measured before something broke took minutes
        if (runs.length > 0) await keep();
        throw error;
      }
      // under the lease: the report stays, whatever becomes of the policies
      return await keep();
    },
    { unchecked: plan.unchecked },
  );
}

async function keepReport(
  plan: Plan,
  base: readonly WantedPolicy[],
  runs: readonly ArmRun[],
  directory: string,
): Promise<{ readonly report: ComparisonReport; readonly file: string }> {
  const names = plan.arms.map(({ name }) => name);
  const blocks = validBlocks(names, runs);
  const report: ComparisonReport = {
    plan,
    base,
    runs,
    valid_blocks: blocks,
    valid: blocks.length === plan.blocks,
    figures: judge(names, runs, plan.primary),
  };
  const file = path.join(directory, experimentFiles.comparison);
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return { report, file };
}

/** Number of the block that the warm-up stands for. */
const warmUpBlock = 0;

/** Runs every arm once in each block, and adds each run to `runs`; ends early when it is interrupted, or the lease is lost. */
async function runBlocks(
  plan: Plan,
  lab: Bench,
  base: readonly WantedPolicy[],
  lost: AbortSignal,
  directory: string,
  runArm: RunArm,
  runs: ArmRun[],
): Promise<void> {
  try {
    await lab.ready();
    for (const arm of plan.arms) await apply(lab, overlaid(base, arm.policies));
    await warmUp(plan, lab, base, directory, runArm);
    for (const [index, order] of randomisedBlocks(plan.arms, plan.blocks, plan.seed).entries()) {
      for (const arm of order) {
        if (lab.interrupted.aborted || lost.aborted) break;
        await apply(lab, overlaid(base, arm.policies));
        const run = await runArm(arm, index + 1, directory);
        runs.push(run);
        lab.onProgress(progressText(plan, run));
      }
    }
  } finally {
    await lab.control.clearFaults();
  }
}

/**
 * A whole run of the first arm that counts nowhere. The first run of a mesh is unlike the others: measured on a mesh that had just
 * started, half of its buyers failed before any fault.
 */
async function warmUp(
  plan: Plan,
  lab: Bench,
  base: readonly WantedPolicy[],
  directory: string,
  runArm: RunArm,
): Promise<void> {
  const [first] = plan.arms;
  if (first === undefined) return;
  lab.onProgress(`warm-up: ${first.name}, does not count`);
  await apply(lab, overlaid(base, first.policies));
  await runArm(first, warmUpBlock, directory);
}

async function apply({ control }: Pick<Bench, 'control'>, policies: readonly WantedPolicy[]) {
  const { waiting_for: waiting } = await control.applyPolicies(policies);
  if (waiting.length > 0)
    throw new ProvedNothing(`INVALID: a policy is not in effect at ${waiting.join(', ')}`);
}

/** One line about a run that has ended. */
function progressText({ blocks }: Plan, { arm, block, values, invalid }: ArmRun): string {
  const text = (name: string, values: Values, scale: number, digits: number) =>
    values[name] === null || values[name] === undefined ? '–' : (scale * values[name]).toFixed(digits);
  return [
    `block ${block} of ${blocks}, ${arm}: success ${text('success', values, 100, 1)} %`,
    `p99 ${text('p99', values, 1, 0)} ms`,
    `${text('amplification', values, 1, 2)} attempts per buyer`,
    ...invalid.map((reason) => `INVALID: ${reason}`),
  ].join(', ');
}
