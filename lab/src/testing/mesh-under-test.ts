/** A mesh of the tests' own: fresh, beside the one a person is using, and gone afterwards. */
import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { repositoryRoot, runDirectory } from '../runner/run-directory.ts';
import { single, type Totals } from './totals.ts';

/** Number of the mesh that end-to-end tests bring up, unless `MESH_TEST_INSTANCE` says another. */
const defaultInstance = '9';

/** `./mesh` with these arguments, as a person would call it; its output is shown. True when it did what it should. */
async function mesh(...args: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa('./mesh', args, {
    cwd: repositoryRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  return exitCode === 0;
}

/**
 * Brings up a fresh mesh, with those variables in its environment, runs the work against it, and takes it down. After a
 * failure its logs stay.
 */
export async function onMesh(
  work: () => Promise<Totals>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Totals> {
  const instance = process.env['MESH_TEST_INSTANCE'] ?? defaultInstance;
  const set = { ...variables, MESH_INSTANCE: instance };
  const before = Object.keys(set).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, set);
  let totals = single(false);
  try {
    await mesh('down', '--wipe');
    if (await mesh('up', '--detach')) totals = await work();
    return totals;
  } finally {
    const { logs, data } = runDirectory(Number(instance));
    if (totals.failed === 0) await mesh('down', '--wipe');
    else {
      await mesh('down');
      await rm(data, { recursive: true, force: true });
      process.stdout.write(`The logs of the mesh under test stay in ${logs}\n`);
    }
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
