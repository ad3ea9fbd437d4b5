/**
 * A real one-node Kubernetes for tests: made by the scripts of the folder that `MESH_KUBERNETES_LAB` names. They are copied into
 * the cache under a name that follows from their content, and built there once; what they say is in the README beside them.
 */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { takeLock } from '@microshop/native/supervision/lock';
import { cacheDirectory, cached, exists } from '@microshop/native/tools/cache';
import { findGo } from '@microshop/native/tools/jaeger';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { ended } from './ended.ts';
import { weighPods } from './pods-share.ts';

/** Names the folder of the scripts. */
export const labVariable = 'MESH_KUBERNETES_LAB';

/** A cluster that is up. */
export interface Cluster {
  /** What `kubectl` and `helm` reach it by. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives it the images of an archive (`docker save`). */
  importImages(archive: string): Promise<void>;
  /** Directory of the node, below which a test may make volumes; absolute. */
  readonly volumes: string;
  /** Takes it down; nothing of it stays. */
  down(): Promise<void>;
}

/** Digits of the hash of the files of a folder: of their paths and contents, in the order of the paths. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(await readFile(path.join(folder, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

/** Copies the scripts and runs them: 9 minutes from nothing on two cores, 21 beside other work. */
async function build(scripts: string, into: string): Promise<void> {
  await cp(scripts, into, { recursive: true });
  // the copy of a folder that cannot be written to cannot either
  for (const entry of await readdir(into, { recursive: true, withFileTypes: true })) {
    await chmod(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o744);
  }
  for (const name of ['fetch.sh', 'build.sh', 'images.sh']) {
    process.stdout.write(`the cluster is built: ${name}\n`);
    await execa('nice', ['-n', '10', path.join(into, name)], {
      cwd: into,
      stdio: ['ignore', 'ignore', 'inherit'],
      cancelSignal: ended,
    });
  }
}

/** The folder in which a cluster is built. */
export interface Lab {
  readonly folder: string;
}

/** It, or why there can be none. Throws when building it fails. */
export async function builtLab(env: NodeJS.ProcessEnv = process.env): Promise<Lab | string> {
  const named = env[labVariable];
  if (named === undefined || named === '') return `${labVariable} names no scripts that make a cluster`;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'a cluster on this machine needs Linux and root';
  }
  if ((await findGo(env, cacheDirectory(env))) === undefined) return 'there is no Go that builds Kubernetes';
  const scripts = path.resolve(repositoryRoot, named);
  const entry = `kubernetes-lab-${await contentOf(scripts)}`;
  const folder = await cached(cacheDirectory(env), entry, (working) => build(scripts, working));
  return { folder };
}

/** Held while a cluster is up; of the machine, as its network is. */
const runningLock = '/run/microshop-kubernetes-lab.lock';

/** Brings up a cluster. Throws when it does not come up, or another run has it. */
export async function startCluster({ folder }: Lab, env: NodeJS.ProcessEnv = process.env): Promise<Cluster> {
  const run = path.join(folder, 'run');
  // its network has one name: a second one on this machine, of whatever cache, would take the first one down
  const release = takeLock(runningLock);
  const script = (name: string) =>
    execa(path.join(folder, name), { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const down = async (): Promise<void> => {
    try {
      await script('down.sh');
    } finally {
      release();
    }
  };
  const reached = {
    KUBECONFIG: path.join(run, 'pki/admin.conf'),
    PATH: `${path.join(folder, 'bin')}:${env['PATH'] ?? ''}`,
  };
  try {
    // what a run that was killed has left
    if (await exists(run)) await script('down.sh');
    await script('up.sh');
    const kubectl = path.join(folder, 'bin/kubectl');
    await weighPods(
      async (asked) => (await execa(kubectl, ['get', '--raw', asked], { env: reached })).stdout,
    );
  } catch (error) {
    await down();
    throw error;
  }
  const volumes = path.join(run, 'volumes');
  await mkdir(volumes);
  return {
    env: reached,
    volumes,
    importImages: async (archive) => {
      const programs = path.join(folder, 'root/usr');
      await execa(
        path.join(programs, 'bin/ctr'),
        [
          '--address',
          path.join(run, 'containerd.sock'),
          '--namespace',
          'k8s.io',
          'images',
          'import',
          archive,
        ],
        { env: { LD_LIBRARY_PATH: path.join(programs, 'lib/x86_64-linux-gnu') }, stdout: 'ignore' },
      );
    },
    down,
  };
}
