/** Jaeger v2, built with Go from its module: no registry has the binary. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGo, findGo } from './go.ts';
import { goBuild, watchGoBuild } from './go-build.ts';
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { MakeContext, ToolDefinition } from './tool.ts';
import { isBetween, versionIn } from './versions.ts';

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
