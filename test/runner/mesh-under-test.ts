/** A mesh of the tests' own: fresh, beside the one a person is using, and gone afterwards. */
import { rm } from 'node:fs/promises';
import { everyTool } from '@microshop/native/tools/index';
import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { execa } from 'execa';
import { ended } from './ended.ts';
import { single, type Totals } from './totals.ts';

/** `./mesh` with these arguments, as a person would call it; its output is shown. True when it did what it should. */
async function mesh(args: readonly string[], signal?: AbortSignal): Promise<boolean> {
  const { exitCode } = await execa('./mesh', args, {
    cwd: repositoryRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
    // a mesh whose start is interrupted takes longer to end than execa's five seconds
    ...(signal === undefined ? {} : { cancelSignal: signal, forceKillAfterDelay: false }),
  });
  return exitCode === 0;
}

type Variables = Readonly<Record<string, string>>;

/** Variable that hands a mesh on from one job to another: `leave` leaves it up unless a test failed, `take` goes on with it. */
export const handingOn = 'MESH_TEST_HANDING_ON';

/**
 * Runs the work with those variables and the number of the tests' mesh, of which nothing is left before, unless it is one that
 * was handed on.
 */
async function onInstance(
  work: (instance: string, isUp: boolean) => Promise<Totals>,
  variables: Variables,
  group: 'e2e' | 'lifecycle',
): Promise<Totals> {
  const instance = String(testInstance(group));
  const set = { ...variables, MESH_INSTANCE: instance };
  const before = Object.keys(set).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, set);
  try {
    // a mesh is up before Jaeger is built; what is tested here is the whole of it
    await everyTool(ended);
    const isUp = process.env[handingOn] === 'take' && (await mesh(['status']));
    if (!isUp) await mesh(['down', '--wipe']);
    return await work(instance, isUp);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Takes the mesh under test down, or hands it on. After a failure its logs stay. */
async function takeDown(instance: string, { failed }: Totals): Promise<void> {
  if (failed === 0) {
    if (process.env[handingOn] !== 'leave') await mesh(['down', '--wipe']);
    return;
  }
  const { logs, data } = runDirectory(Number(instance));
  await mesh(['down']);
  await rm(data, { recursive: true, force: true });
  process.stdout.write(`The logs of the mesh under test stay in ${logs}\n`);
}

/** Brings up a fresh mesh with those variables in its environment, runs the work against it, and takes it down. */
export function onMesh(work: () => Promise<Totals>, variables: Variables = {}): Promise<Totals> {
  return thenDown(
    async (isUp) => (isUp || (await mesh(['up', '--detach'], ended)) ? await work() : single(false)),
    variables,
  );
}

/** Runs work that brings up a mesh by itself, with the number of that group, and takes down what is left of it. */
export function withoutMesh(
  work: () => Promise<Totals>,
  group: 'e2e' | 'lifecycle' = 'e2e',
): Promise<Totals> {
  return thenDown(work, {}, group);
}

function thenDown(
  work: (isUp: boolean) => Promise<Totals>,
  variables: Variables,
  group: 'e2e' | 'lifecycle' = 'e2e',
): Promise<Totals> {
  return onInstance(
    async (instance, isUp) => {
      let totals = single(false);
      try {
        totals = await work(isUp);
        return totals;
      } finally {
        await takeDown(instance, totals);
      }
    },
    variables,
    group,
  );
}

/** Takes down a mesh that was left up and that nobody took. */
export async function takeDownLeft(instance: string): Promise<void> {
  await execa('./mesh', ['down', '--wipe'], {
    cwd: repositoryRoot,
    env: { MESH_INSTANCE: instance },
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
}
