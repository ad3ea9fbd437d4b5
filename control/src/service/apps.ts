/** What the running apps say about their breakers, in a file beside the one they watch. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { breakerFiles, breakersOf, type MeshPolicies, type Placement } from '@microshop/topology';
import { podsWithBreakers } from '../changes/apply.ts';
import type { FileState } from './envoys.ts';

/** How every app with breakers stands to its file under these policies. One that has never run, or has ended, is not current. */
export async function breakerStates(
  placement: Placement,
  directory: string,
  policies: MeshPolicies,
): Promise<readonly FileState[]> {
  const states = podsWithBreakers(placement).map(async ({ app, service }): Promise<FileState> => {
    const inForce = await contentOf(path.join(directory, app, breakerFiles.inForce));
    return {
      part: app,
      file: breakerFiles.wanted,
      current: isDeepStrictEqual(inForce, breakersOf(policies, service)),
      // what it refuses it tells in its log only: it is not current then
      refused: 0,
    };
  });
  return await Promise.all(states);
}

async function contentOf(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // not there, or not ours: the same for whoever asks
    return undefined;
  }
}
