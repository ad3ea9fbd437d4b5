/**
 * Files of Go modules that tests read: the definitions of resources as their makers publish them. A module is fetched once into the
 * cache of tools, by the Go that builds Jaeger; its checksum is pinned here.
 */
import { copyFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory, cached } from '@microshop/native/tools/cache';
import { ensureGo } from '@microshop/native/tools/jaeger';
import { findPython } from '@microshop/native/tools/wheel';
import { execa } from 'execa';

/** A module, and the files of it that are kept. */
export interface GoModule {
  readonly module: string;
  readonly version: string;
  /** As go.sum has it. */
  readonly sum: string;
  /** Paths in the module. */
  readonly files: readonly string[];
}

interface Downloaded {
  readonly Sum?: string;
  readonly Error?: string;
}

/** The kept files of those modules, in their order, as paths. */
export async function filesOf(modules: readonly GoModule[]): Promise<string[]> {
  return (await Promise.all(modules.map(filesOfOne))).flat();
}

async function filesOfOne({ module, version, sum, files }: GoModule): Promise<string[]> {
  const cache = cacheDirectory();
  const directory = await cached(cache, `${module.replaceAll('/', '-')}-${version}`, async (working) => {
    const modules = path.join(working, 'mod');
    const go = await ensureGo(path.join(cache, '.go'), {
      env: process.env,
      cache,
      step: () => undefined,
      python: async () => (await findPython(process.env)) ?? 'python3',
    });
    await mkdir(modules, { recursive: true });
    const { stdout } = await execa(go, ['mod', 'download', '-json', `${module}@${version}`], {
      cwd: working,
      // a module that asks for a newer Go is fetched all the same, and go then says so: nothing here is compiled
      reject: false,
      env: {
        GOPATH: path.join(working, 'path'),
        GOMODCACHE: modules,
        GOFLAGS: '-modcacherw',
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
      },
    });
    const found: Downloaded = JSON.parse(stdout === '' ? '{}' : stdout);
    if (found.Sum !== sum) {
      throw new Error(
        `${module}@${version} is not what was pinned: ${found.Sum ?? found.Error ?? 'no answer of go'}`,
      );
    }
    for (const file of files) {
      await copyFile(
        path.join(modules, `${module}@${version}`, file),
        path.join(working, path.basename(file)),
      );
    }
    await rm(modules, { recursive: true });
    await rm(path.join(working, 'path'), { recursive: true, force: true });
  });
  return files.map((file) => path.join(directory, path.basename(file)));
}
