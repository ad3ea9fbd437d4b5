/**
 * How `./mesh test` runs every group: in lanes that overlap, because most tests wait far more than they compute (the files of
 * e2e took 353 s of CPU in 978 s, one after the other beside other work). What asks for rates and times that other work would spoil
 * comes first, beside no more than one job that starts no mesh. Of the jobs that compute, two run at a time: with three on two
 * cores, unit tests took 7 minutes in place of 2, and `lifecycle` 16 in place of 7. A file that fails only on a busy machine belongs
 * to {@link alone}, or waits for a condition instead of a time.
 */
import { fullRun, type TestGroupName, testGroups } from '@microshop/cli/commands/test';
import { hasOwnNetwork } from '../browser/own-network.ts';
import { durability, e2e, kubernetesFull, runs } from './groups.ts';
import type { Totals } from './totals.ts';

/** A group, or what other work would spoil, whichever groups it is from. */
export type Reported = TestGroupName | 'alone';

/** A group, or a part of one, that runs by itself in one lane. */
export interface Job {
  /** Its name on the command line of `job.ts`, and in what is printed. */
  readonly name: string;
  /** Under which name its totals are reported. */
  readonly group: Reported;
  /**
   * `leave`: in a run of every group its mesh stays up for the job that has `take`: to start another one takes half a minute.
   */
  readonly mesh?: 'leave' | 'take';
  run(): Promise<Totals>;
}

/**
 * Files below `test/` that other work would spoil, with the reason; in this order, since their mesh has just been started: what asks
 * for many orders comes last.
 */
export const alone: Readonly<Record<string, string>> = {
  'e2e/overload.test.ts': 'a busy machine is overloaded before its queries are',
  'e2e/timeouts.test.ts': 'asks for answers within ten percent of a limit',
  'e2e/breaker.test.ts':
    'asks for the time to its opening and closing, and for the share of calls it lets through',
  'e2e/retries.test.ts': 'asks for a share of orders; what other work makes late would count as failed',
  'e2e/search.test.ts': 'a schedule counts only where the load comes in time',
  'e2e/experiment-verdict.test.ts': 'a verdict needs a machine whose speed does not change',
  'e2e/many-orders.test.ts': 'places 100 orders at once, and has a sale: none may be late',
  'durability/sale.test.ts': 'lets 500 buyers come at once',
  'durability/outage.test.ts': 'asks for 50 orders per second, 99 % of them accepted',
};

/** Files of `test/e2e` that are a job of their own: two of about the same length are spread over the lanes better than one. */
export const early: readonly string[] = [
  'alerts.test.ts',
  'experiment.test.ts',
  'fault-ends.test.ts',
  'fault-message.test.ts',
  'fault-targets.test.ts',
  'faults.test.ts',
  'load.test.ts',
  'order-metrics.test.ts',
  'policies.test.ts',
  'policies-under-load.test.ts',
  'policy-files.test.ts',
  'policy-refusals.test.ts',
];

/** The job of those. */
const ofAlone = 'alone';

/** Jobs of which one may run beside it: they start no mesh, and take no time as given. */
const besideAlone: readonly string[] = ['unit'];

const filesAlone = Object.keys(alone).map((file) => `test/${file}`);
const filesEarly = early.map((file) => `test/e2e/${file}`);

/** Parts of the groups that are divided. */
const parts: readonly Job[] = [
  { name: 'e2e-1', group: 'e2e', mesh: 'take', run: () => e2e({ include: filesEarly }) },
  {
    name: 'e2e-2',
    group: 'e2e',
    run: () => e2e({ include: ['test/e2e/*.test.ts'], exclude: [...filesEarly, ...filesAlone] }),
  },
  {
    name: 'durability-1',
    group: 'durability',
    run: () => durability({ include: ['test/durability/*.test.ts'], exclude: filesAlone }),
  },
  // one mesh for all of it: none of these files arms a failpoint
  { name: ofAlone, group: 'alone', mesh: 'leave', run: () => e2e({ include: filesAlone, inOrder: true }) },
];

/** Every job: each group as a whole, one of them also with what takes minutes more, and the parts of those that are divided. */
export const jobs: readonly Job[] = [
  ...testGroups.map(({ name }) => ({ name, group: name, run: runs[name] })),
  { name: fullRun.job, group: fullRun.group, run: kubernetesFull },
  ...parts,
];

/** The job of that name. */
function job(name: string): Job {
  const found = jobs.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no job "${name}"`);
  return found;
}

/** Jobs that share some lanes: a lane that is free takes the next one that may begin in it. */
interface Stage {
  readonly lanes: number;
  readonly jobs: readonly Job[];
}

/** Jobs that compute rather than wait. */
const computing: readonly string[] = ['lint', 'types', 'unit', 'lifecycle', 'integration', 'kubernetes'];

/** How many of those run at the same time: on two cores, two are enough. */
const mostComputing = 2;

/** Jobs of which one runs at a time: clients of both must notice nothing while parts are replaced, and each takes time from the other. */
const ofReplacing: readonly string[] = ['lifecycle', 'kubernetes'];

/** Jobs of which one runs at a time: who started the engine stops it at its end. */
const ofEngine: readonly string[] = ['compose', 'kubernetes'];

/** One that must run beside none of those, unless the browser has a network of its own (`test/browser/own-network.ts`). */
const ofBrowser = 'browser';

/** Whether a job may begin beside those that run. */
export function mayBegin(
  { name }: Job,
  running: readonly Job[],
  ownNetwork: boolean = hasOwnNetwork(),
): boolean {
  if (name === ofAlone && running.some((other) => !besideAlone.includes(other.name))) return false;
  if (running.some((other) => other.name === ofAlone) && !besideAlone.includes(name)) return false;
  const computed = running.filter((other) => computing.includes(other.name)).length;
  if (computing.includes(name) && computed >= mostComputing) return false;
  return [ofReplacing, ownNetwork ? ofEngine : [...ofEngine, ofBrowser]].every(
    (apart) => !apart.includes(name) || !running.some((other) => apart.includes(other.name)),
  );
}

/**
 * What runs at the same time, then what follows it. What is quick comes first, for it fails early, then what other work would spoil; the
 * others by the times that a run prints, the longest first, so that the lanes end together. Lane `n` has the mesh of the tests
 * less `n`: the first lane 9, the second 8, the third 7; and 6 is the mesh that is handed on ({@link instanceOf}).
 */
export const stages: readonly Stage[] = [
  { lanes: 2, names: ['lint', 'types'] },
  {
    lanes: 3,
    names: [
      ...[ofAlone, 'unit', 'compose', 'e2e-1', 'lifecycle', 'kubernetes', 'e2e-2', 'browser'],
      ...['durability-1', 'integration', 'docs', 'edge'],
    ],
  },
].map(({ lanes, names }) => ({ lanes, jobs: names.map(job) }));

/**
 * Number of the mesh of a job in that lane. Throws when it would have none: with `MESH_TEST_INSTANCE` n the run takes n and the
 * numbers below it, `lifecycle` and `integration` as well.
 */
export function instanceOf({ mesh }: Job, lane: number, env: NodeJS.ProcessEnv = process.env): string {
  const lanes = Math.max(...stages.map(({ lanes: count }) => count));
  const first = Number(env['MESH_TEST_INSTANCE'] || 9);
  if (!Number.isInteger(first) || first <= lanes || first > 9) {
    throw new Error(
      `MESH_TEST_INSTANCE must be a number from ${lanes + 1} to 9 for a run of every group, not "${env['MESH_TEST_INSTANCE']}": it has ${lanes + 1} meshes, with that number and those below it`,
    );
  }
  return String(first - (mesh === undefined ? lane : lanes));
}
