/** What a service does with its events. */
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { EventEnvelope } from './message.ts';
import { PermanentError } from './permanent-error.ts';
import type { Sql } from './sql.ts';

/** Keeps work for when the effect is committed: once for each event that took effect. It must not throw. */
export type AfterCommit = (work: () => void) => void;

/**
 * Leaves an event for later, because somebody holds a lock on what it needs; nothing of it may have been done. So nobody
 * waits for that lock, and the other events of the transaction take effect.
 */
export type LeaveEvent = (event: EventEnvelope<unknown>) => void;

/** Does what events ask for, in the transaction that records them. */
export interface EventHandler {
  /** Throws {@link PermanentError} for a body that can never be handled. */
  check(event: EventEnvelope<unknown>): void;
  /** Throws {@link PermanentError} for poison; then nothing of it may have been done, or the transaction goes. */
  handle(
    events: readonly EventEnvelope<unknown>[],
    tx: Sql,
    afterCommit: AfterCommit,
    leave: LeaveEvent,
  ): Promise<void>;
  /**
   * Events that have taken effect before, and come again: says again what came of them, as that may have been lost.
   * Absent: nothing follows.
   */
  repeat?(events: readonly EventEnvelope<unknown>[], tx: Sql): Promise<void>;
  /**
   * Does what follows when a person gives an event up (`event.refused`). The body may be one that `check` refuses.
   * Absent: nothing follows.
   */
  refuse?(event: EventEnvelope<unknown>, reason: string, tx: Sql, afterCommit: AfterCommit): Promise<void>;
}

/** A handler that takes events one after the other. Bodies that are not of that schema are poison. */
export function handles<S extends TSchema>(
  body: S,
  handle: (
    event: EventEnvelope<Static<S>>,
    tx: Sql,
    afterCommit: AfterCommit,
    leave: LeaveEvent,
  ) => Promise<void>,
): EventHandler {
  return handlesTogether(body, async (events, tx, afterCommit, leave) => {
    for (const event of events) await handle(event, tx, afterCommit, leave);
  });
}

/** A handler that takes the events of a transaction together. Bodies that are not of that schema are poison. */
export function handlesTogether<S extends TSchema>(
  body: S,
  handle: (
    events: readonly EventEnvelope<Static<S>>[],
    tx: Sql,
    afterCommit: AfterCommit,
    leave: LeaveEvent,
  ) => Promise<void>,
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
    handle: (events, tx, afterCommit, leave) => handle(events.map(expectBody), tx, afterCommit, leave),
  };
}
