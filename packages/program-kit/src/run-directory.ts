/**
 * Where one mesh keeps its files: `<checkout>/.mesh/<instance>/`, and its socket in a short private directory. Every name
 * below that directory stands here, but for the two that Envoy's configuration names as well (`mesh-files.ts` in the topology).
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificatesDirectory, dynamicDirectory, instanceNumber } from '@microshop/topology';
import { unwritable } from './errors.ts';

/** The checkout this code runs from. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** What is in the directory of a mesh. */
export interface MeshPaths {
  /** The directory itself. */
  readonly path: string;
  /** What servers keep, a directory for each part. */
  readonly data: string;
  readonly logs: string;
  /** Configuration that is written for servers. */
  readonly config: string;
  readonly secrets: string;
  /** Certificates of the Envoys and the authority that signs them. */
  readonly certificates: string;
  /** What the Envoys watch, a directory for each. */
  readonly envoys: string;
  /** What the apps watch, a directory for each. */
  readonly apps: string;
  /** Files that arm the failpoints of apps, a directory for each. */
  readonly failpoints: string;
  /** Further environment of our own processes while an experiment runs, a file for each ({@link mutantFile}). */
  readonly mutants: string;
  /** Reports of k6, a directory for each run. */
  readonly loads: string;
  /** Reports of experiments, a directory for each run. */
  readonly experiments: string;
  /** What the control service keeps, see {@link controlFiles}. */
  readonly changes: string;
  /** Held by the one supervisor. */
  readonly lock: string;
  /** What runs, for the next supervisor when this one is killed. */
  readonly state: string;
}

/** What is in the directory of a mesh at that path. Touches nothing. */
export function meshPaths(path: string): MeshPaths {
  return {
    path,
    data: join(path, 'data'),
    logs: join(path, 'logs'),
    config: join(path, 'config'),
    secrets: join(path, 'secrets'),
    certificates: join(path, certificatesDirectory),
    envoys: join(path, dynamicDirectory),
    apps: join(path, 'apps'),
    failpoints: join(path, 'lab'),
    mutants: join(path, 'mutants'),
    loads: join(path, 'load'),
    experiments: join(path, 'experiments'),
    changes: join(path, 'control'),
    lock: join(path, 'supervisor.lock'),
    state: join(path, 'state.json'),
  };
}

/** File of a part below {@link MeshPaths.mutants}. */
export function mutantFile(directory: string, part: string): string {
  return join(directory, `${part}.json`);
}

/** Files of the control service, in its own directory: {@link MeshPaths.changes}, in containers a volume. */
export const controlFiles = {
  faults: 'faults.json',
  policies: 'policies.json',
  /** Until when changed policies stand, and what stands then. */
  policyLease: 'policy-lease.json',
  /** Wishes that were left while it did not run. */
  clearFaults: 'clear-faults.json',
  resetPolicies: 'reset-policies.json',
  /** What a change must show. */
  token: 'token',
} as const;

/** Paths of one mesh of a checkout. */
export interface RunDirectory extends MeshPaths {
  readonly root: string;
  readonly instance: number;
  /** Unix socket of the supervisor. */
  readonly socket: string;
}

/** Longest path a Unix socket can have on Linux (`sun_path` holds 108 bytes with the final zero). */
const longestSocketPath = 107;

function socketDirectory(env: NodeJS.ProcessEnv): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined && runtime !== '') return join(runtime, 'microshop-mesh');
  return join(tmpdir(), `microshop-mesh-${userInfo().uid}`);
}

/** Paths of mesh `instance` of the checkout at `root`. Touches nothing. Throws when the socket path would be too long. */
export function runDirectory(
  instance: number,
  root: string = repositoryRoot,
  env: NodeJS.ProcessEnv = process.env,
): RunDirectory {
  const path = join(root, '.mesh', String(instance));
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const socket = join(socketDirectory(env), `${name}.sock`);
  if (Buffer.byteLength(socket) > longestSocketPath) {
    throw new Error(
      `The socket path ${socket} is too long for this system; set TMPDIR to a shorter directory`,
    );
  }
  return {
    ...meshPaths(path),
    root,
    instance,
    socket,
  };
}

/**
 * Results of `./mesh bench`, a file for each comparison: of the checkout, whichever mesh was measured, and kept when that
 * is wiped.
 */
export function benchDirectory(root: string = repositoryRoot): string {
  return join(root, '.mesh', 'bench');
}

/** Other commits of this checkout, a folder for each, that `./mesh bench --against` made to start meshes of. */
export function commitsDirectory(root: string = repositoryRoot): string {
  return join(root, '.mesh', 'commits');
}

/**
 * Makes the directories. The way down to `data` can be walked but not listed by others, since a server may have to run
 * as another user than root; everything else is private. Throws `UnwritableError`.
 */
export function makeRunDirectory(directory: RunDirectory): void {
  const modes: [string, number][] = [
    [join(directory.root, '.mesh'), 0o711],
    [directory.path, 0o711],
    [directory.data, 0o711],
    [directory.logs, 0o700],
    [directory.config, 0o711],
    [directory.secrets, 0o711],
  ];
  for (const [path, mode] of modes) {
    try {
      mkdirSync(path, { recursive: true });
      chmodSync(path, mode);
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

/** Makes the private directory of the socket. Throws when another user owns it. */
export function makeSocketDirectory(directory: RunDirectory): void {
  const path = join(directory.socket, '..');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new Error(`${path} belongs to another user; remove it or set TMPDIR to a directory of your own`);
  }
  chmodSync(path, 0o700);
}

/** Where the reports of experiments are: where `MESH_EXPERIMENTS_DIR` says, as in containers, else in the directory of the mesh. */
export function experimentsDirectory(
  directory: Pick<MeshPaths, 'experiments'>,
  env: NodeJS.ProcessEnv = process.env,
): string {
  return env['MESH_EXPERIMENTS_DIR'] || directory.experiments;
}

/** Where certificates are: where `MESH_CERTIFICATES_DIR` says, as in containers, else in the directory of the native mesh. */
export function certificatesIn(env: NodeJS.ProcessEnv = process.env): string {
  return env['MESH_CERTIFICATES_DIR'] || runDirectory(instanceNumber(env)).certificates;
}

/** Log of one part; `runner` is the supervisor's own. */
export function logFile(directory: RunDirectory, part: string): string {
  return join(directory.logs, `${part}.log`);
}

/** What the supervisor reports as data, a line for each `LoggedEvent`; see `runner-events.ts`. */
export function runnerEventsFile(directory: RunDirectory): string {
  return join(directory.logs, 'runner-events.jsonl');
}

/** Names the folder of a run by its time, which sorts: `20261125T040512Z`. */
export function runStamp(): string {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Files of a run of an experiment, in its folder below {@link MeshPaths.experiments}. */
export const experimentFiles = {
  /** Everything that was found. */
  report: 'report.json',
  /** The same for a browser; k6 has `report.html`. */
  page: 'experiment.html',
  /** In place of both: what came of a comparison, and its page. */
  comparison: 'comparison.json',
  comparisonPage: 'comparison.html',
} as const;

/**
 * What was run, and when, milliseconds since the epoch, by the name of its folder: `abort-30-20261125T040512Z`, which ends with
 * {@link runStamp}. `undefined` for another name.
 */
export function runNamed(folder: string): { readonly name: string; readonly at: number } | undefined {
  const [, name, date = '', time = ''] = /^([\w.-]+)-(\d{8})T(\d{6})Z$/.exec(folder) ?? [];
  if (name === undefined) return undefined;
  const day = date.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3');
  const at = Date.parse(`${day}T${time.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')}Z`);
  return Number.isNaN(at) ? undefined : { name, at };
}
