/** What a service does with its events. */

import type { Sql } from '@microshop/database/sql';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type EventEnvelope, PermanentError } from './message.ts';

/** The result of handled events, apart from what the transaction holds. */
export interface Handled {
  /**
   * Those left for later, because another transaction holds a lock on what they need; they must not have changed
   * anything. So no worker waits for that lock, and the other events of the transaction take effect.
   */
  readonly left?: readonly EventEnvelope<unknown>[];
  /** Work for when the transaction is committed: a piece for each event that took effect. It must not throw. */
  readonly afterCommit?: readonly (() => void)[];
}

/** Does what events ask for, in the transaction that records them. */
export interface EventHandler {
  /** Throws {@link PermanentError} for a body that can never be handled. */
  check(event: EventEnvelope<unknown>): void;
  /** Throws {@link PermanentError} for poison; then nothing of it may have been done, or the transaction goes. */
  handle(events: readonly EventEnvelope<unknown>[], tx: Sql): Promise<Handled>;
  /**
   * Called with duplicates: publishes their outcome once more, as that may have been lost. Absent: nothing follows.
   */
  repeat?(events: readonly EventEnvelope<unknown>[], tx: Sql): Promise<void>;
  /**
   * Does what follows when a person gives an event up (`event.refused`). The body may be one that `check` refuses.
   * Absent: nothing follows.
   */
  refuse?(event: EventEnvelope<unknown>, reason: string, tx: Sql): Promise<void>;
}

/** What is done with events in a transaction; nothing to say of them means that all took effect. */
type Handle<Events> =
  | ((events: Events, tx: Sql) => Promise<Handled>)
  | ((events: Events, tx: Sql) => Promise<void>);

/** A handler that takes events one after the other. Bodies that are not of that schema are poison. */
export function handles<S extends TSchema>(body: S, handle: Handle<EventEnvelope<Static<S>>>): EventHandler {
  return handlesTogether(body, async (events, tx) => {
    const left: EventEnvelope<unknown>[] = [];
    const afterCommit: (() => void)[] = [];
    for (const event of events) {
      const handled = (await handle(event, tx)) ?? {};
      left.push(...(handled.left ?? []));
      afterCommit.push(...(handled.afterCommit ?? []));
    }
    return { left, afterCommit };
  });
}

/** A handler that takes the events of a transaction together. Bodies that are not of that schema are poison. */
export function handlesTogether<S extends TSchema>(
  body: S,
  handle: Handle<readonly EventEnvelope<Static<S>>[]>,
): EventHandler {
  function expectBody(event: EventEnvelope<unknown>): EventEnvelope<Static<S>> {
    const content = event.body;
    if (Value.Check(body, content)) return { ...event, body: content };
    const [first] = Value.Errors(body, content);
    throw new PermanentError(
      `body${first?.instancePath ?? ''} ${first?.message ?? 'does not fit its schema'}`,
    );
  }
  return {
    check: (event) => void expectBody(event),
    handle: async (events, tx) => (await handle(events.map(expectBody), tx)) ?? {},
  };
}
