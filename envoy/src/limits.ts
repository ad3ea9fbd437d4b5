/**
 * Envoy's own limits that no other part of the mesh has to know. What callers and callees must agree on (timeouts,
 * tries, body size) is in the topology.
 */

/** Time to set up a connection to another part, milliseconds; well inside one attempt. */
export const connectTimeoutMs = 500;

/**
 * Idle upstream connections are closed after this time, milliseconds. The side that serves must keep them longer
 * (Fastify 72 s, the listeners here {@link downstreamIdleTimeoutMs}), or a request meets a connection being closed.
 */
export const upstreamIdleTimeoutMs = 30_000;

/**
 * A connection to another pod is not used longer than this, milliseconds: certificates are looked at when a connection
 * begins, so that a renewed one is in use everywhere, and an ended one nowhere, within a minute.
 */
export const upstreamConnectionLifetimeMs = 60_000;

/** A name is resolved again after this time, milliseconds: pods come and go. */
export const nameRefreshMs = 2000;

/** Limits of one HTTP/2 connection: requests under way on it, and bytes on their way to a slow reader. */
export const http2Limits = {
  max_concurrent_streams: 100,
  initial_stream_window_size: 65_536,
  initial_connection_window_size: 1_048_576,
} as const;

/** Pause between two pings on a connection to another pod, milliseconds. */
export const pingIntervalMs = 10_000;

/** A connection whose ping is not answered within this time is closed, milliseconds; far above what load alone causes. */
export const pingTimeoutMs = 5000;

/** Idle client connections are closed after this time, milliseconds; longer than clients keep theirs (Go: 90 s). */
export const downstreamIdleTimeoutMs = 300_000;

/** Time a client has to send its request's headers, milliseconds. */
export const requestHeadersTimeoutMs = 5_000;

/** Time a client has to send its whole request, milliseconds. */
export const requestTimeoutMs = 15_000;

/** A stream on which nothing moves is ended after this time, milliseconds: the net under the route timeouts. */
export const streamIdleTimeoutMs = 30_000;

/** Seconds in `retry-after` of Envoy's own 429 and 503. */
export const retryAfterSeconds = 1;

/** Spans are sent at least this often, milliseconds: what a killed Envoy can lose. */
export const traceFlushIntervalMs = 1000;

/** Spans of one worker that are sent at once, without waiting for the interval. */
export const traceFlushSpans = 200;

/** Upper bounds of the duration histograms' buckets, milliseconds; the policies' limits (900, 3000, …) are among them. */
export const durationBucketsMs = [
  0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 750, 900,
  1000, 1250, 1500, 1750, 2000, 2500, 3000, 3250, 3500, 4000, 5000, 7500, 10_000, 30_000,
] as const;
