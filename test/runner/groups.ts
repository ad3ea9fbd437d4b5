/** What each group of `./mesh test` runs. */
import path from 'node:path';
import type { TestGroupName } from '@microshop/cli/commands/test';
import { everyTool } from '@microshop/native/tools/index';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { nativeOnly } from './both-modes.ts';
import { onComposeMesh } from './compose-under-test.ts';
import { onMesh, withoutMesh } from './mesh-under-test.ts';
import { runNodeTests } from './node-tests.ts';
import { toolVariables } from './tools.ts';
import { single, sum, type Totals } from './totals.ts';

/** Limit of one file, milliseconds; it ends what hangs, it measures nothing. */
const fileTimeoutMs = 600_000;

const root = repositoryRoot;

/** Runs a program of the locked dependencies in the checkout; its output is shown as it comes. */
async function program(name: string, ...args: readonly string[]): Promise<Totals> {
  const file = path.join(root, 'node_modules/.bin', name);
  const { exitCode } = await execa(process.execPath, [file, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  return single(exitCode === 0);
}

const besideTheMesh = ['e2e', 'durability', 'lifecycle', 'docs', 'compose'].map(
  (folder) => `test/${folder}/**`,
);

/** Runs a group. */
export const runs: Readonly<Record<TestGroupName, () => Promise<Totals>>> = {
  lint: async () => sum([await program('biome', 'check', '.'), await program('knip', '--no-progress')]),
  types: async () =>
    sum([await program('tsc', '--noEmit'), await program('tsc', '--noEmit', '-p', 'load-tests')]),
  unit: () =>
    runNodeTests({
      include: ['**/*.test.ts'],
      exclude: ['**/*.integration.test.ts', ...besideTheMesh],
      root,
      concurrency: 2,
      fileTimeoutMs,
    }),
  integration: async () => {
    Object.assign(process.env, await toolVariables());
    return await runNodeTests({
      include: ['**/*.integration.test.ts'],
      root,
      concurrency: 1,
      fileTimeoutMs,
    });
  },
  e2e: () =>
    onMesh(() => runNodeTests({ include: ['test/e2e/*.test.ts'], root, concurrency: 1, fileTimeoutMs })),
  durability: () =>
    onMesh(
      () => runNodeTests({ include: ['test/durability/*.test.ts'], root, concurrency: 1, fileTimeoutMs }),
      // arms the failpoints
      { MESH_LAB: '1' },
    ),
  lifecycle: async () => {
    await everyTool();
    return await runNodeTests({
      include: ['test/lifecycle/*.test.ts'],
      root,
      concurrency: 1,
      fileTimeoutMs,
    });
  },
  docs: () =>
    // brings up a mesh by itself, as the README does
    withoutMesh(() =>
      runNodeTests({ include: ['test/docs/*.test.ts'], root, concurrency: 1, fileTimeoutMs }),
    ),
  compose: () =>
    onComposeMesh(() =>
      runNodeTests({
        include: ['test/e2e/*.test.ts', 'test/compose/*.test.ts'],
        exclude: Object.keys(nativeOnly).map((file) => `test/e2e/${file}`),
        root,
        concurrency: 1,
        fileTimeoutMs,
      }),
    ),
};
