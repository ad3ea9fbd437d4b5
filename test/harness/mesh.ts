/**
 * The mesh under test, whichever way it runs. `./mesh test e2e` brings it up and says through the environment which
 * one it is; the tests themselves do not know the mode.
 */
import type { Mesh } from './driver.ts';
import { nativeMesh } from './native.ts';

export type { CommandResult, LoadResult, Mesh } from './driver.ts';

/** The mesh under test. */
export const mesh: Mesh = nativeMesh();
