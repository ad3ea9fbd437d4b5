/** Why events wait, as long as they do: logged once when it begins, once when it is over. */
import type { Logger } from 'pino';
import type { PublishOutcome } from './under-way.ts';

/** The reasons for which events of a relay wait. */
export interface Troubles {
  /** The first of them; undefined when there is none. */
  readonly reason: string | undefined;
  /** Takes notice of what became of events. */
  note(outcomes: readonly PublishOutcome[]): void;
  close(): void;
}

/** Time without a failure after which it is over, milliseconds: a queue that is full takes some and refuses others. */
const overAfterMs = 5000;

/** No troubles. */
export function createTroubles(logger: Logger): Troubles {
  /** By routing key, of which there are few: one that leads nowhere says nothing about the others. */
  const reasons = new Map<string, string>();
  let logged = false;
  let ending: NodeJS.Timeout | undefined;

  function begin(reason: string, events: number): void {
    clearTimeout(ending);
    ending = undefined;
    if (!logged) logger.warn({ reason, events }, 'events wait in the outbox');
    logged = true;
  }

  function end(): void {
    ending ??= setTimeout(() => {
      ending = undefined;
      logged = false;
      logger.info('events are published again');
    }, overAfterMs).unref();
  }

  return {
    get reason() {
      const [first] = reasons.values();
      return first;
    },
    note(outcomes) {
      for (const { row, failure } of outcomes) if (failure === undefined) reasons.delete(row.routing_key);
      const waiting = outcomes.flatMap(({ row, failure }) =>
        failure === undefined || failure.kind === 'message' ? [] : [{ row, failure }],
      );
      for (const { row, failure } of waiting) reasons.set(row.routing_key, failure.reason);
      // the end of a channel is logged by its owner
      const [first] = waiting.filter(
        ({ failure }) => failure.kind === 'unroutable' || failure.kind === 'nacked',
      );
      if (first !== undefined) begin(first.failure.reason, waiting.length);
      else if (logged && reasons.size === 0) end();
    },
    close: () => clearTimeout(ending),
  };
}
