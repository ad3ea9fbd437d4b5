/** Edits of the source: how a protection is taken out of the code of a process, so that what needs it must fail. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '@microshop/program-kit/run-directory';

/** One edit of a source file; `from` must stand in it exactly once, so that a mutant cannot go stale unseen. */
export interface Edit {
  /** Path below the checkout. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The source with the edit made. Throws unless there is just one place for it. */
export function edited(source: string, { file, from, to }: Edit): string {
  const pieces = source.split(from);
  if (pieces.length !== 2) throw new Error(`${file} holds ${pieces.length - 1} times, not once: ${from}`);
  return pieces.join(to);
}

/** Variable with the edits of a process, as JSON. */
export const editsVariable = 'MESH_LAB_EDITS';

/** Environment of a process of Node that runs the code as it would be after those edits. Nothing is written. */
export function mutantEnvironment(edits: readonly Edit[]): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${pathToFileURL(path.join(repositoryRoot, 'lab/src/mutants/edit-process.ts')).href}`,
    [editsVariable]: JSON.stringify(edits),
  };
}
