/** Where the mesh refuses work rather than letting everybody wait: the numbers, and why these. */

/** Requests from outside that the gateway lets in. Beyond it answers 429 `overloaded`. */
export const gatewayRateLimit = {
  /** Requests a second, and how many may come at once after a quiet second. */
  requestsPerSecond: 2000,
  /** Envoy's runtime key: share of the requests that are held to the limit, percent. 0 switches it off. */
  runtimeKey: 'gateway.rate_limit.enabled',
} as const;

/** When a service refuses new requests with 503 `overloaded`. Its health is answered all the same. */
export const servicePressure = {
  /**
   * Mean delay of the event loop over a second, milliseconds. Whoever comes next waits at least as long before its
   * first line of code runs.
   */
  maxEventLoopDelayMs: 1000,
  /**
   * Time the longest waiting query has been waiting for a connection of the pool, milliseconds. The pool gives up at
   * 2 s; a request that would have to wait longer than this could not be answered within its deadline of 3.5 s.
   */
  maxPoolWaitMs: 1500,
  /** Sent in `retry-after`, seconds: the event loop's delay is measured anew each second. */
  retryAfterSeconds: 1,
} as const;
