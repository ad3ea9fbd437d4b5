/** How a replica leaves without a request lost: what it tells its callers, what they watch, and the times that fit. */

/**
 * Header of the answer an inbound sidecar gives when it could not reach its app: no app has seen the request, so it may
 * be sent again, whatever its method. Only that sidecar sets it; it is taken out of what apps answer, and of what
 * leaves the mesh.
 */
export const unseenHeader = 'x-mesh-unseen';

/** Header of every answer of an app that is about to end: its callers' Envoys ask it for nothing more (Envoy's name). */
export const drainHeader = 'x-envoy-immediate-health-check-fail';

/** How callers watch the replicas of a service that has several. */
export const replicaCheck = {
  /** The app's own readiness, through its sidecar. */
  path: '/health/ready',
  /** Between two checks, milliseconds. */
  intervalMs: 1000,
  /** Between two checks of a replica that failed, milliseconds. */
  unhealthyIntervalMs: 500,
  /** Above the time readiness gives its database, milliseconds. */
  timeoutMs: 2000,
  /** Checks without an answer until a replica is left out; one that answers 503 is left out at once. */
  unhealthyThreshold: 2,
} as const;

/**
 * Time an app keeps serving after it was asked to end, when its callers watch it, milliseconds: one check and the
 * requests on their way. An app that is not watched, because there is no other replica, ends at once.
 */
export const drainMs = replicaCheck.intervalMs + 500;
