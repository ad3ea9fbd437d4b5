/** The changes of this mesh as the control service holds them: one at a time, on disk before in force. */
import type { Placement } from '@microshop/topology';
import { type ChangeDirectories, writeChanges } from './apply.ts';
import { type Changes, readChanges } from './store.ts';

/** What faults and policies share. */
export interface ChangeBook {
  readonly placement: Placement;
  readonly directories: ChangeDirectories;
  /** The state on disk. */
  read(): Promise<Changes>;
  /** Writes the files that Envoys and apps watch from the state on disk. */
  write(): Promise<Changes>;
  /** Runs the work when all that came before has ended. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** A book over those directories. */
export function createChangeBook(placement: Placement, directories: ChangeDirectories): ChangeBook {
  let last: Promise<unknown> = Promise.resolve();
  return {
    placement,
    directories,
    read: () => readChanges(directories.state),
    write: () => writeChanges(placement, directories),
    inTurn(work) {
      const mine = last.then(work);
      // whoever waits for this one is told by `mine`; the next one begins in any case
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
