/** A real mesh for tests whose Jaeger has still to be built: the test says how far that is, and when it is done. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDirectory } from '@microshop/program-kit/run-directory';
import type { Progress } from '../../tools/index.ts';
import { startDaemon } from '../daemon.ts';
import { eventLines } from '../events.ts';

/** Variable that names the file with the {@link BuildState}. */
export const heldBackVariable = 'MESH_TEST_HELD_BACK';

/** How far the build is, or that it is done. */
export type BuildState = Progress | 'built';

/** A mesh that is up without Jaeger. */
export interface HeldBackMesh {
  /** What its start told, line by line. */
  readonly lines: readonly string[];
  say(state: BuildState): void;
  /** Removes what the test keeps for it; the mesh itself is taken down by `./mesh down`. */
  end(): void;
}

/** Brings it up, with those variables. Throws `ExplainedError` as `./mesh up --detach` does. */
export async function upHeldBack(
  instance: number,
  state: BuildState,
  env: Readonly<Record<string, string>> = {},
): Promise<HeldBackMesh> {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-held-back-'));
  const file = join(directory, 'state');
  const say = (now: BuildState) => {
    // renamed into place: it is never read half written
    writeFileSync(`${file}.new`, JSON.stringify(now));
    renameSync(`${file}.new`, file);
  };
  say(state);
  const lines: string[] = [];
  await startDaemon({
    directory: runDirectory(instance),
    replicas: {},
    report: (event) => lines.push(...eventLines(event)),
    entry: fileURLToPath(new URL('./held-back-main.ts', import.meta.url)),
    env: { ...env, [heldBackVariable]: file },
  });
  return { lines, say, end: () => rmSync(directory, { recursive: true, force: true }) };
}
