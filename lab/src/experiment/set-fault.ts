/** A fault once it is set. */
import type { Witness } from './facts.ts';

/** A fault that is set. */
export interface SetFault {
  /** Ends it, or waits until it has ended by itself, and says what was seen of it. */
  heal(): Promise<Witness>;
}
