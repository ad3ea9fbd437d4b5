/** What each group of `./mesh test` runs. */
import path from 'node:path';
import type { TestGroupName } from '@microshop/cli/commands/test';
import { programs } from '@microshop/deploy/programs';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { corsVariable, edgeAuthVariable } from '@microshop/topology';
import { execa } from 'execa';
import { hasOwnNetwork } from '../browser/own-network.ts';
import { findHelm4 } from '../kubernetes/helm.ts';
import { edgeInContainers, nativeOnly } from './both-modes.ts';
import { ofCluster } from './cluster-files.ts';
import { onCluster } from './cluster-under-test.ts';
import { onComposeMesh, upAgain } from './compose-under-test.ts';
import { ended } from './ended.ts';
import { onMeshPorts } from './integration-files.ts';
import { onMesh, withoutMesh } from './mesh-under-test.ts';
import { type NodeTests, runNodeTests } from './node-tests.ts';
import { toolVariables } from './tools.ts';
import { single, sum, type Totals } from './totals.ts';

/** Limit of one file, milliseconds; it ends what hangs, it measures nothing. */
const fileTimeoutMs = 600_000;

const root = repositoryRoot;

/** Runs a program that Node runs in the checkout; its output is shown as it comes. */
async function nodeProgram(file: string, ...args: readonly string[]): Promise<Totals> {
  const { exitCode } = await execa(process.execPath, [path.join(root, file), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
    cancelSignal: ended,
  });
  return single(exitCode === 0);
}

/** Runs a program of the locked dependencies. */
const program = (name: string, ...args: readonly string[]): Promise<Totals> =>
  nodeProgram(path.join('node_modules/.bin', name), ...args);

/** Runs files of tests, one at a time unless said otherwise. */
const files = (
  which: Pick<NodeTests, 'include' | 'exclude' | 'inOrder' | 'together'>,
  concurrency = 1,
  timeoutMs = fileTimeoutMs,
): Promise<Totals> => runNodeTests({ ...which, root, concurrency, fileTimeoutMs: timeoutMs });

const besideTheMesh = [
  'e2e',
  'edge',
  'browser',
  'durability',
  'lifecycle',
  'docs',
  'compose',
  'kubernetes',
].map((folder) => `test/${folder}/**`);

const browserFiles = (...names: readonly string[]) => names.map((name) => `test/browser/${name}.test.ts`);

/** Runs files of the page one after the other: they share a process, and with it a browser. */
const series = (include: readonly string[], exclude: readonly string[] = []) =>
  files({ include, exclude, together: 'all' });

/** Files of `test/browser` about dead letters: they count all that there are, and the broker has to be there. */
const browserLetters = browserFiles('alerts', 'messages');

/** Those that change nothing in the mesh, and are right whatever others of them change. */
const browserLooks = browserFiles('lost', 'panels', 'views');

/** Those that stop the broker, and so come after the dead letters. */
const browserServers = browserFiles('servers');

/** Those that stop the service of the page itself: what it cannot load then is an error in each page that is open. */
const browserStops = browserFiles('stopped');

/** Runs the files of `test/browser`: what changes the mesh mostly waits, so what looks at it, and computes, runs beside it. */
async function browserTests(): Promise<Totals> {
  const letters = series(browserLetters);
  const looks = letters.then(() => series(browserLooks));
  const apart = [...browserLetters, ...browserLooks, ...browserServers, ...browserStops];
  const changes = series(['test/browser/*.test.ts'], apart);
  const servers = Promise.all([letters, changes]).then(() => series(browserServers));
  const beside = await Promise.all([letters, looks, changes, servers]);
  return sum([...beside, await series(browserStops)]);
}

/** Runs files of `test/e2e` on a mesh of their own. */
export const e2e = (which: Pick<NodeTests, 'include' | 'exclude' | 'inOrder'>): Promise<Totals> =>
  onMesh(() => files(which));

/** Runs files of `test/durability` on a mesh of their own; the variable arms the failpoints. */
export const durability = (which: Pick<NodeTests, 'include' | 'exclude'>): Promise<Totals> =>
  onMesh(() => files(which), { MESH_LAB: '1' });

/** What knip keeps of files that have not changed; the compiler's is named in `tsconfig.json`. */
const knipCache = path.join(root, 'node_modules/.cache/knip');

/** What the page shows in containers otherwise than natively. */
const consoleInContainers = 'test/compose/console.test.ts';

/**
 * Runs what the page must show in containers as well: figures, faults and policies on the map, who is let in, dead letters, servers that
 * are stopped. The map mostly waits for its figures, so the dead letters come beside it, and what stops the broker after both.
 */
async function browserInContainers(): Promise<Totals> {
  const beside = await Promise.all([
    series(browserFiles('map', 'security')),
    series(browserFiles('messages')),
  ]);
  return sum([...beside, await series([...browserServers, consoleInContainers])]);
}

/** Limit of a file of the cluster: one has the life of an installation, each of its steps with a limit of its own. */
const clusterFileTimeoutMs = 2 * fileTimeoutMs;

/** Runs files of `test/kubernetes`: those that need no cluster while it is made, then those that do, and then `more` of them. */
const kubernetes = (...more: readonly string[]): Promise<Totals> =>
  onCluster(
    () => files({ include: ['test/kubernetes/*.test.ts'], exclude: ofCluster }),
    async () => {
      const totals: Totals[] = [];
      for (const include of [...ofCluster, ...more])
        totals.push(await files({ include: [include] }, 1, clusterFileTimeoutMs));
      return sum(totals);
    },
  );

/** The group `kubernetes` with what takes minutes more, on an installation by Helm 4: building that is one of those things. */
export const kubernetesFull = async (): Promise<Totals> => {
  await findHelm4();
  return await kubernetes('test/kubernetes/full/*.test.ts');
};

/** Runs a group. */
export const runs: Readonly<Record<TestGroupName, () => Promise<Totals>>> = {
  lint: async () =>
    sum([
      await program('biome', 'check', '.'),
      await program('knip', '--no-progress', '--cache', '--cache-location', knipCache),
    ]),
  types: async () =>
    sum([
      await program('tsc', '--noEmit'),
      await program('tsc', '--noEmit', '-p', 'load-tests'),
      await program('tsc', '--noEmit', '-p', 'console'),
    ]),
  unit: () =>
    files(
      {
        include: ['**/*.test.ts'],
        exclude: ['**/*.integration.test.ts', ...besideTheMesh],
        together: 'those that can',
      },
      2,
    ),
  integration: async () => {
    Object.assign(process.env, await toolVariables());
    const series = await Promise.all([
      files({ include: onMeshPorts }),
      files({ include: ['**/*.integration.test.ts'], exclude: onMeshPorts }),
    ]);
    return sum(series);
  },
  e2e: () => e2e({ include: ['test/e2e/*.test.ts'] }),
  edge: () =>
    onMesh(() => files({ include: ['test/edge/*.test.ts'] }), {
      [edgeAuthVariable]: '1',
      [corsVariable]: 'https://shop.example',
    }),
  browser: async () => {
    if (!hasOwnNetwork()) {
      process.stdout.write(
        'The browser has the network of this machine: none may come or go there meanwhile\n',
      );
    }
    // `up` builds the page as well, and does not wait for it
    return sum([await nodeProgram(programs.buildConsole), await onMesh(browserTests)]);
  },
  durability: () => durability({ include: ['test/durability/*.test.ts'] }),
  lifecycle: () => withoutMesh(() => files({ include: ['test/lifecycle/*.test.ts'] }), 'lifecycle'),
  // brings up a mesh by itself, as the README does
  docs: () => withoutMesh(() => files({ include: ['test/docs/*.test.ts'] })),
  compose: () =>
    onComposeMesh(async () =>
      sum([
        await browserInContainers(),
        await files({
          include: ['test/e2e/*.test.ts', 'test/compose/*.test.ts'],
          exclude: [consoleInContainers, ...Object.keys(nativeOnly).map((file) => `test/e2e/${file}`)],
        }),
        await upAgain({ [edgeAuthVariable]: '1' }, () => files({ include: edgeInContainers })),
      ]),
    ),
  kubernetes: () => kubernetes(),
};
