/** Tools that come in Debian packages. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runVariable } from '../supervision/process-group.ts';
import { exists } from './cache.ts';
import { onPath, run } from './programs.ts';
import type { Candidate } from './tool.ts';
import { CommandFailedError, ToolMissingError } from './tool.ts';

const script = fileURLToPath(new URL('install-debian-packages.sh', import.meta.url));

/** Candidates among `files`, told apart by whether the Debian package is what put them there. */
export async function fromPackage(name: string, files: readonly string[]): Promise<readonly Candidate[]> {
  const packaged = await exists(`/var/lib/dpkg/info/${name}.list`);
  return files.map((file) => ({
    path: file,
    // packages own /usr but not /usr/local
    source: packaged && /^\/(usr\/)?(s?bin|lib)\//.test(file) ? 'debian' : 'path',
  }));
}

/**
 * Installs Debian packages as root, or through sudo where it asks for no password. One call for all of them:
 * apt allows one at a time. Throws {@link ToolMissingError} with the exact command when neither is possible.
 */
export async function installDebianPackages(
  packages: readonly string[],
  options: {
    env: NodeJS.ProcessEnv;
    /** Where what apt says is kept. */
    cache: string;
    step: (text: string) => void;
    signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const list = packages.join(' ');
  if ((await onPath('apt-get', options.env)).length === 0) {
    throw new ToolMissingError(
      `not installed, and this system has no apt-get: install what Debian calls ${list}, ` +
        'or name the programs in variables (see "./mesh tools --help")',
    );
  }
  const asRoot = process.getuid?.() === 0;
  if (!asRoot && !(await sudoWithoutPassword(options.env))) {
    throw new ToolMissingError(
      `not installed, and installing needs root: run "sudo apt-get install -y --no-install-recommends ${list}"`,
    );
  }
  const command = ['sh', script, ...packages];
  const [file = 'sh', ...args] = asRoot ? command : ['sudo', '-n', ...command];
  const { signal, step } = options;
  // an installation under way is never interrupted when the mesh is killed
  const { [runVariable]: _run, ...env } = options.env;
  await mkdir(options.cache, { recursive: true });
  const log = path.join(options.cache, 'debian-packages.log');
  const output = createWriteStream(log);
  step('installing Debian packages');
  try {
    await run(file, args, {
      env,
      signal,
      onLine: (line) => {
        output.write(`${line}\n`);
        const stage = stages.find(({ begins }) => line.startsWith(begins));
        if (stage !== undefined) step(stage.text);
      },
    });
  } catch (error) {
    throw error instanceof CommandFailedError
      ? new CommandFailedError(`${error.message}\nAll that apt said: ${log}`, { cause: error })
      : error;
  } finally {
    await new Promise((resolve) => output.end(resolve));
  }
}

/** What an installation does, by how the first line about it begins: apt says some hundred lines. */
const stages = [
  { begins: 'mesh: updating the package lists', text: 'updating the lists of Debian packages' },
  { begins: 'Get:', text: 'downloading Debian packages' },
  { begins: 'Unpacking ', text: 'unpacking Debian packages' },
  { begins: 'Setting up ', text: 'setting up Debian packages' },
];

async function sudoWithoutPassword(env: NodeJS.ProcessEnv): Promise<boolean> {
  return await run('sudo', ['-n', 'true'], { env }).then(
    () => true,
    () => false,
  );
}
