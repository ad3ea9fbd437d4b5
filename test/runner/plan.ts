/**
 * How `./mesh test` runs every group: in lanes that overlap, because most tests wait far more than they compute (the files
 * of e2e took 353 s of CPU in 978 s, one after the other beside other work), and at last alone what asks for rates and times that other work would spoil.
 */
import { type TestGroupName, testGroups } from '@microshop/cli/commands/test';
import { e2e, runs } from './groups.ts';
import type { Totals } from './totals.ts';

/** A group, or a part of one, that runs by itself in one lane. */
export interface Job {
  /** Its name on the command line of `job.ts`, and in what is printed. */
  readonly name: string;
  readonly group: TestGroupName;
  run(): Promise<Totals>;
}

/** Files of `test/e2e` that run after all lanes, with the reason. */
export const alone: Readonly<Record<string, string>> = {
  'breaker.test.ts':
    'asks for the time to its opening and closing, and for the share of calls it lets through',
  'overload.test.ts': 'a busy machine is overloaded before its queries are',
  'retries.test.ts': 'asks for a share of orders; what other work makes late would count as failed',
  'timeouts.test.ts': 'asks for answers within ten percent of a limit',
};

/** Files of `test/e2e` that run on the second mesh; the others take about 490 s one after the other, these 430 s. */
export const onSecondMesh: readonly string[] = [
  'alerts.test.ts',
  'fault-message.test.ts',
  'faults.test.ts',
  'load.test.ts',
  'order-metrics.test.ts',
  'policies.test.ts',
];

const inE2e = (names: readonly string[]) => names.map((file) => `test/e2e/${file}`);

const e2eFirst: Job = {
  name: 'e2e-1',
  group: 'e2e',
  run: () =>
    e2e({ include: ['test/e2e/*.test.ts'], exclude: inE2e([...onSecondMesh, ...Object.keys(alone)]) }),
};
const e2eSecond: Job = { name: 'e2e-2', group: 'e2e', run: () => e2e({ include: inE2e(onSecondMesh) }) };
const e2eAlone: Job = {
  name: 'e2e-alone',
  group: 'e2e',
  run: () => e2e({ include: inE2e(Object.keys(alone)) }),
};

/** A whole group. */
const whole = (name: TestGroupName): Job => ({ name, group: name, run: runs[name] });

/**
 * What runs at the same time, then what follows it. Lane `n` of a stage has the mesh of the tests less `n`: the first lane 9,
 * the second 8, and so on ({@link instanceOf}).
 */
export const stages: readonly (readonly (readonly Job[])[])[] = [
  [
    [whole('lint'), whole('types'), whole('unit'), e2eFirst],
    [whole('lifecycle'), e2eSecond],
    [whole('durability'), whole('docs')],
    [whole('integration'), whole('compose')],
  ],
  [[e2eAlone]],
];

/** Every job: those of the plan, and each group as a whole. */
export const jobs: readonly Job[] = [
  ...testGroups.map(({ name }) => whole(name)),
  e2eFirst,
  e2eSecond,
  e2eAlone,
];

/**
 * Number of the mesh of a lane. Throws when a lane would have none: with `MESH_TEST_INSTANCE` n the run takes n and the
 * numbers below it, `lifecycle` and `integration` as well.
 */
export function instanceOf(lane: number, env: NodeJS.ProcessEnv = process.env): string {
  const lanes = Math.max(...stages.map((stage) => stage.length));
  const first = Number(env['MESH_TEST_INSTANCE'] || 9);
  if (!Number.isInteger(first) || first < lanes || first > 9) {
    throw new Error(
      `MESH_TEST_INSTANCE must be a number from ${lanes} to 9 for a run of every group, not "${env['MESH_TEST_INSTANCE']}": each lane has a mesh, with that number or one below it`,
    );
  }
  return String(first - lane);
}
