/** A fault once it is set. */
import type { Witness } from './facts.ts';

/** A fault that is set. */
export interface SetFault {
  /** Resolves when it has run its course, where that does not depend on the length of its phase: that lasts so long at least. */
  readonly course?: Promise<void>;
  /** Ends it, or waits until it has ended by itself, and says what was seen of it. */
  heal(): Promise<Witness>;
}
