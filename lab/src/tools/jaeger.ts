/** Jaeger v2, built with Go from its module: no registry has the binary. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGo, findGo } from './go.ts';
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

/**
 * Builds Jaeger into `directory`. Takes 4–6 minutes on two cores from nothing, so it runs niced beside everything
 * else. Without cgo: a bare machine has no C compiler.
 */
async function build(directory: string, context: MakeContext): Promise<void> {
  const go = await ensureGo(context);
  const scratch = path.join(directory, '.build');
  // The user's Go keeps its own caches. For the Go of ours nobody would ever use them again (3 GB).
  const ownCaches = go.own
    ? { GOPATH: path.join(scratch, 'path'), GOCACHE: path.join(scratch, 'cache') }
    : undefined;
  const inherited = context.env.GOFLAGS ?? '';
  const env = {
    ...context.env,
    ...ownCaches,
    GOFLAGS: go.own ? `${inherited} -modcacherw`.trim() : inherited,
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-v'];
  const linker = ['-ldflags', `-s -w -X ${versionVariable}=v${version}`];
  const output = ['-o', path.join(directory, 'jaeger')];

  context.step('downloading its modules');
  let packages = 0;
  await run('nice', ['-n', '10', go.path, 'build', ...flags, ...linker, ...output, commandPackage], {
    env,
    cwd: buildDirectory,
    signal: context.signal,
    // -v prints a line for each package when it is compiled, and go one for each module it downloads
    onLine: (line) => {
      if (line.startsWith('go: downloading')) return;
      packages += 1;
      context.step(`compiling, package ${packages}`);
    },
  });
  await rm(scratch, { recursive: true, force: true });
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
    needsPip: async (env, cache) => (await findGo(env, cache)) === undefined,
    make: build,
  },
};
