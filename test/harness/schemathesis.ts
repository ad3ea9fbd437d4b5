/** Schemathesis, which sends what a description of an API allows and what it does not: its packages, pinned, in the cache of tools. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory, cached } from '@microshop/native/tools/cache';
import { findPython } from '@microshop/native/tools/wheel';
import { execa } from 'execa';

/** Schemathesis and all that it needs, each at one version with the hashes of its files. */
const requirements = path.join(import.meta.dirname, 'schemathesis.txt');

/** Hypothesis takes no package in a directory of that name for the code under test, of which it reads every file first. */
const packagesOfOthers = 'site-packages';

/** A program, and the environment that it needs. */
export interface Schemathesis {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Its command; `undefined` where there is no Python with pip. Throws when the packages cannot be installed. */
export async function findSchemathesis(
  env: NodeJS.ProcessEnv = process.env,
): Promise<Schemathesis | undefined> {
  const python = await findPython(env);
  if (python === undefined) return undefined;
  const { stdout: tag } = await execa(python, ['-c', 'import sys; print(sys.implementation.cache_tag)']);
  const pins = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  // compiled parts fit one Python
  const packages = await cached(
    cacheDirectory(env),
    `schemathesis-${tag}-${pins.slice(0, 12)}`,
    async (directory) => {
      const target = path.join(directory, packagesOfOthers);
      const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--disable-pip-version-check'];
      const pinned = [
        '--no-deps',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--requirement',
        requirements,
      ];
      await execa(python, [...install, ...pinned, '--target', target]);
    },
  );
  const run = 'from schemathesis.cli import schemathesis; schemathesis()';
  return { file: python, args: ['-c', run], env: { PYTHONPATH: path.join(packages, packagesOfOthers) } };
}
