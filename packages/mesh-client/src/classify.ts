/** Which class a failure belongs to: from what opossum and undici throw, and from the status that came back. */
import type { ServiceName } from '@microshop/topology';
import { type LoggedErrorClass, PeerError, type ResponseBodyError } from './errors.ts';

/** Seconds a client is asked to wait when nothing better is known. */
const retrySoonSeconds = 1;

/** Codes of undici's own limits. */
const timeoutCodes: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** The error for an answer that is none: 5xx, or 3xx, which no peer sends. */
export function errorOfStatus(peer: ServiceName, status: number): PeerError {
  const errorClass = status === 504 ? 'dependency_timeout' : 'dependency_unavailable';
  return new PeerError(`${peer} answered ${status}`, {
    errorClass,
    peer,
    status,
    retryAfterSeconds: retrySoonSeconds,
  });
}

/**
 * The error for an answer of 2xx whose body is not what was agreed. That is the peer's failure, as a 5xx is: the
 * answer cannot be used.
 */
export function unusableBodyError(peer: ServiceName, status: number, cause: ResponseBodyError): PeerError {
  return new PeerError(`${peer} answered ${status} with an unusable body: ${cause.message}`, {
    errorClass: 'dependency_unavailable',
    peer,
    status,
    cause,
    retryAfterSeconds: retrySoonSeconds,
  });
}

/** The error for a request that failed without an answer; one already classified stays as it is. */
export function errorOfRequest(peer: ServiceName, error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  const code = codeOf(error);
  const timedOut = code !== undefined && timeoutCodes.has(code);
  const reason = error instanceof Error && error.message !== '' ? error.message : (code ?? 'unknown error');
  return new PeerError(
    timedOut ? `${peer} did not answer: ${reason}` : `${peer} cannot be reached: ${reason}`,
    {
      errorClass: timedOut ? 'dependency_timeout' : 'dependency_unavailable',
      peer,
      cause: error,
      retryAfterSeconds: retrySoonSeconds,
    },
  );
}

/** The error for a call that outlived the breaker's own limit. */
export function breakerTimeoutError(peer: ServiceName, limitMs: number, cause?: unknown): PeerError {
  return new PeerError(`${peer} did not answer within ${limitMs} ms`, {
    errorClass: 'dependency_timeout',
    peer,
    cause,
    retryAfterSeconds: retrySoonSeconds,
  });
}

/** The error for a call refused by an open breaker that lets a probe through in `remainingMs`. */
export function breakerOpenError(peer: ServiceName, remainingMs: number, cause?: unknown): PeerError {
  return new PeerError(`The breaker for ${peer} is open`, {
    errorClass: 'breaker_open',
    peer,
    cause,
    retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1000)),
  });
}

/** The error for a call refused because `capacity` others are under way. */
export function overloadedError(peer: ServiceName, capacity: number): PeerError {
  return new PeerError(`${capacity} calls to ${peer} are under way, which is as many as the policy allows`, {
    errorClass: 'overloaded',
    peer,
    retryAfterSeconds: retrySoonSeconds,
  });
}

/** The error for a call whose request has no time left. */
export function deadlineError(peer: ServiceName, sent: boolean): PeerError {
  const message = sent
    ? `The deadline passed while ${peer} was asked`
    : `The deadline passed before ${peer} was asked`;
  return new PeerError(message, { errorClass: 'deadline_exceeded', peer });
}

/** What a log line says of an answer; undefined when all is well. */
export function classOfAnswer(status: number): LoggedErrorClass | undefined {
  if (status < 400) return undefined;
  return status === 404 ? 'not_found' : 'bad_request';
}

/** The `code` of an error of Node, undici or opossum. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
