/** The groups of `./mesh test`, in the order in which they run: what is quick comes first. */
import path from 'node:path';
import { execa } from 'execa';
import { repositoryRoot } from '../runner/run-directory.ts';
import { everyTool } from '../tools/index.ts';
import { nativeOnly } from './both-modes.ts';
import { onComposeMesh } from './compose-under-test.ts';
import { onMesh, withoutMesh } from './mesh-under-test.ts';
import { runNodeTests } from './node-tests.ts';
import { toolVariables } from './tools.ts';
import { single, sum, type Totals } from './totals.ts';

/** One group. */
export interface TestGroup {
  readonly name: string;
  readonly description: string;
  run(): Promise<Totals>;
}

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

/** Every group. */
export const testGroups: readonly TestGroup[] = [
  {
    name: 'lint',
    description: 'Biome; knip, which names what nothing uses',
    run: async () => sum([await program('biome', 'check', '.'), await program('knip', '--no-progress')]),
  },
  {
    name: 'types',
    description: 'the strict compiler; once more for the k6 scripts, whose globals are others',
    run: async () =>
      sum([await program('tsc', '--noEmit'), await program('tsc', '--noEmit', '-p', 'load-tests')]),
  },
  {
    name: 'unit',
    description: 'tests beside the code that need no server',
    run: () =>
      runNodeTests({
        include: ['**/*.test.ts'],
        exclude: ['**/*.integration.test.ts', ...besideTheMesh],
        root,
        concurrency: 2,
        fileTimeoutMs,
      }),
  },
  {
    name: 'integration',
    description: 'tests beside the code on real servers, one at a time',
    run: async () => {
      Object.assign(process.env, await toolVariables());
      return await runNodeTests({
        include: ['**/*.integration.test.ts'],
        root,
        concurrency: 1,
        fileTimeoutMs,
      });
    },
  },
  {
    name: 'e2e',
    description: 'the whole mesh, through its gateway',
    run: () =>
      onMesh(() => runNodeTests({ include: ['test/e2e/*.test.ts'], root, concurrency: 1, fileTimeoutMs })),
  },
  {
    name: 'durability',
    description: 'no order lost, none doubled, none oversold, whatever is killed',
    run: () =>
      onMesh(
        () => runNodeTests({ include: ['test/durability/*.test.ts'], root, concurrency: 1, fileTimeoutMs }),
        // arms the failpoints
        { MESH_LAB: '1' },
      ),
  },
  {
    name: 'lifecycle',
    description: 'up, down, and what a kill leaves',
    run: async () => {
      await everyTool();
      return await runNodeTests({
        include: ['test/lifecycle/*.test.ts'],
        root,
        concurrency: 1,
        fileTimeoutMs,
      });
    },
  },
  {
    name: 'docs',
    description: 'the pages: their commands do what they show, the tour of the README among them',
    run: () =>
      // brings up a mesh by itself, as the README does
      withoutMesh(() =>
        runNodeTests({ include: ['test/docs/*.test.ts'], root, concurrency: 1, fileTimeoutMs }),
      ),
  },
  {
    name: 'compose',
    description: 'the mesh in containers: what may differ there of e2e, and what only containers have',
    run: () =>
      onComposeMesh(() =>
        runNodeTests({
          include: ['test/e2e/*.test.ts', 'test/compose/*.test.ts'],
          exclude: Object.keys(nativeOnly).map((file) => `test/e2e/${file}`),
          root,
          concurrency: 1,
          fileTimeoutMs,
        }),
      ),
  },
];
