/** Tools that come in Debian packages. */
import { fileURLToPath } from 'node:url';
import { exists } from './cache.ts';
import { ToolMissingError } from './errors.ts';
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { Candidate } from './tool.ts';

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
  options: { env: NodeJS.ProcessEnv; step?: (text: string) => void; signal?: AbortSignal | undefined },
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
  options.step?.('installing');
  await run(file, args, {
    env: options.env,
    signal: options.signal,
    onLine: (line) => {
      const step = /^(?:mesh: |)(updating the package lists|Unpacking \S+|Setting up \S+)/.exec(line)?.[1];
      if (step !== undefined) options.step?.(step.charAt(0).toLowerCase() + step.slice(1));
    },
  });
}

async function sudoWithoutPassword(env: NodeJS.ProcessEnv): Promise<boolean> {
  return await run('sudo', ['-n', 'true'], { env }).then(
    () => true,
    () => false,
  );
}
