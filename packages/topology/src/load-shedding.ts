/** Where the mesh refuses work rather than letting every request wait: the limits, and the reason for each. */

/** Requests from outside that the gateway lets in. Beyond it answers 429 `overloaded`. */
export const gatewayRateLimit = {
  /** Requests a second, and how many may come at once after a quiet second. */
  requestsPerSecond: 2000,
  /** Envoy's runtime key: share of the requests that are held to the limit, percent. 0 switches it off. */
  runtimeKey: 'gateway.rate_limit.enabled',
} as const;

/**
 * Requests of one client that the gateway lets in where it asks clients who they are: of a user, and of an address from which nobody
 * has logged in. Admins have no limit of their own: who runs the mesh loads it on purpose.
 */
export const clientRateLimits = {
  /** `burst` may come at once after a quiet time. A person clicks some times a second; a page asks for a dozen things at once. */
  user: { perSecond: 50, burst: 100 },
  /** Many can be behind one address: a company, a mobile network. */
  address: { perSecond: 200, burst: 400 },
  /**
   * Logins and new accounts of an address, whoever it shows a token of: each hashes a password, which takes tens of milliseconds of a
   * core. So one client leaves some of users' time to the others, and guesses passwords slowly.
   */
  passwords: { perSecond: 10, burst: 20 },
  /** Clients that are counted at a time; beyond, those that were quiet longest are forgotten. */
  mostClients: 10_000,
} as const;

/** Connections of one process of a service to its database: those that do its work, at most, and one for its health check. */
export const databaseConnections = { work: 10, health: 1 } as const;

/** When a service refuses new requests with 503 `overloaded`. Its health is answered all the same. */
export const servicePressure = {
  /**
   * Mean delay of the event loop over a second, milliseconds. An order takes several turns of it, so that at a second
   * each it could not be answered within its deadline of 3.5 s. Measured while 500 orders came at once on two cores:
   * at most 310 ms, and 670 ms while the machine had ten times more to do than it could.
   */
  maxEventLoopDelayMs: 1000,
  /**
   * How long that delay must last, milliseconds: longer than one measurement. A machine that freezes for 1.5 s, or a process that is
   * paused, has the same delay once, and refused every request of the next second, though none waited any more.
   */
  minBehindMs: 1500,
  /**
   * Time the longest waiting query has been waiting for a connection of the pool, milliseconds. The pool gives up at
   * 3 s, and a request that waits for 2 s before its first query has little left of its deadline of 3.5 s. Measured in bursts
   * of 500: at most 1040 ms; 1660 ms where new connections had to be opened on a machine with ten times more to do than
   * it could.
   */
  maxPoolWaitMs: 2000,
  /** Sent in `retry-after`, seconds: the event loop's delay is measured again each second. */
  retryAfterSeconds: 1,
} as const;
