/** Where one mesh keeps its files: `<checkout>/.mesh/<instance>/`, and its socket in a short private directory. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificatesDirectory } from '@microshop/topology';

/** The checkout this code runs from. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Name, below a mesh's directory, of what the control service keeps: faults, changed policies, its token. */
export const controlStateDirectory = 'control';

/** Name, below a mesh's directory, of what the apps watch, a directory for each. */
export const appsDirectory = 'apps';

/** Paths of one mesh. */
export interface RunDirectory {
  readonly root: string;
  readonly instance: number;
  /** `<root>/.mesh/<instance>`. */
  readonly path: string;
  readonly data: string;
  readonly logs: string;
  readonly config: string;
  readonly secrets: string;
  /** Certificates of the Envoys and the authority that signs them. */
  readonly certificates: string;
  /** What the control service keeps: faults and changed policies. */
  readonly changes: string;
  /** Held by the one supervisor. */
  readonly lock: string;
  /** What runs, for the next supervisor when this one is killed. */
  readonly state: string;
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
    root,
    instance,
    path,
    data: join(path, 'data'),
    logs: join(path, 'logs'),
    config: join(path, 'config'),
    secrets: join(path, 'secrets'),
    certificates: join(path, certificatesDirectory),
    changes: join(path, controlStateDirectory),
    lock: join(path, 'supervisor.lock'),
    state: join(path, 'state.json'),
    socket,
  };
}

/**
 * Makes the directories. The way down to `data` can be walked but not listed by others, since a server may have to run
 * as another user than root; everything else is private.
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
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  }
}

/** Makes the private directory of the socket. Throws when somebody else owns it. */
export function makeSocketDirectory(directory: RunDirectory): void {
  const path = join(directory.socket, '..');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new Error(`${path} belongs to somebody else; remove it or set TMPDIR to a directory of your own`);
  }
  chmodSync(path, 0o700);
}

/** Log of one part; `runner` is the supervisor's own. */
export function logFile(directory: RunDirectory, part: string): string {
  return join(directory.logs, `${part}.log`);
}

/** What the supervisor tells as data, a line for each `ToldEvent`; see `runner-events.ts`. */
export function runnerEventsFile(directory: RunDirectory): string {
  return join(directory.logs, 'runner-events.jsonl');
}
