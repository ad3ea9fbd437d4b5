/** Failures of a call to a peer, classified. */
import type { ServiceName } from '@microshop/topology';

/** Why a call got no answer; each is also a `code` of the problem the client sees. */
export type ErrorClass = (typeof errorClasses)[number];

/** Every {@link ErrorClass}. */
export const errorClasses = [
  'dependency_unavailable',
  'dependency_timeout',
  'breaker_open',
  'overloaded',
  'deadline_exceeded',
] as const;

/** `error_class` of a log line: the failures, and what an answer of 4xx says. */
export type LoggedErrorClass = ErrorClass | 'not_found' | 'bad_request';

/** What a {@link PeerError} carries. */
export interface PeerErrorOptions extends ErrorOptions {
  readonly errorClass: ErrorClass;
  readonly peer: ServiceName;
  /** Seconds after which another attempt makes sense; without one, the caller's own deadline was the limit. */
  readonly retryAfterSeconds?: number;
  /** HTTP status that came back, if one did. */
  readonly status?: number;
}

/**
 * Thrown when a call to a peer ends without an answer that can be used. Answers of 4xx are not errors: they are
 * returned.
 *
 * | errorClass | what happened |
 * |---|---|
 * | `dependency_unavailable` | 5xx other than 504, no connection, a body that is not what was agreed |
 * | `dependency_timeout` | 504 from the sidecar, or the breaker's own limit |
 * | `breaker_open` | not sent: the breaker is open, or half open with its probe under way |
 * | `overloaded` | not sent: as many calls to this peer are under way as its policy allows |
 * | `deadline_exceeded` | the time of the request that this call serves is over; sent or not |
 */
export class PeerError extends Error {
  readonly errorClass: ErrorClass;
  readonly peer: ServiceName;
  readonly retryAfterSeconds: number | undefined;
  readonly status: number | undefined;

  constructor(message: string, options: PeerErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'PeerError';
    this.errorClass = options.errorClass;
    this.peer = options.peer;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = options.status;
  }
}

/** Thrown, as the cause of a {@link PeerError}, when a 2xx body is not JSON or does not fit the schema. */
export class ResponseBodyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ResponseBodyError';
  }
}
