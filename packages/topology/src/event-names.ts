/** What `packages/events` and the broker agree on, whatever the events are. */

/** Deliveries of one message before the broker dead-letters it: the net for crash loops, not a retry policy. */
export const deliveryLimit = 20;

/**
 * Seconds without a settled message after which a consumer that holds some counts as stalled: longer than any transaction may
 * take, shorter than anybody waits for an order.
 */
export const consumerStalledSeconds = 15;

/** The dead-letter queue of a queue. */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dlq`;
}

/**
 * Queue in which a service is asked to send events of its outbox again. It is there while the service runs; what is asked is
 * answered to `replyTo`.
 */
export function outboxQueue(service: string): string {
  return `${service}.outbox`;
}

/** The shop's own headers on messages; with them go `traceparent`, `tracestate` and `baggage`. */
export const eventHeaders = {
  /** When the event was written to its outbox, milliseconds since the epoch (`timestamp` has seconds). */
  created: 'x-created-ms',
  /** On a dead letter: why it could not be consumed. */
  error: 'x-error',
  /** On a dead letter: names of the headers and properties that did not fit, or that cannot be published again. */
  dropped: 'x-dropped',
  /**
   * On a dead letter that a person gave up: why. Its consumer refuses the event under the same id, so that it either takes
   * effect or is refused, never both.
   */
  refused: 'x-refused',
  /** On a message that its consumer has put back into its queue: whether it failed together with others. */
  alone: 'x-alone',
} as const;
