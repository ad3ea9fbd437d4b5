/** What a client gets when a peer of the service gave no usable answer. */
import { ProblemError } from './problem.ts';

/** What the client gets for each class of failure. */
const sentences = {
  dependency_unavailable: 'cannot be reached',
  dependency_timeout: 'did not answer in time',
  breaker_open: 'has failed too often; calls to it are paused',
  overloaded: 'has too many calls in flight',
  deadline_exceeded: 'could not answer before the deadline of the request',
} as const;

/** A call that ended without an answer: what is used here of a `PeerError` of `@microshop/mesh-client`. */
interface FailedCall extends Error {
  readonly errorClass: keyof typeof sentences;
  readonly peer: string;
  /** Seconds after which another attempt makes sense. */
  readonly retryAfterSeconds?: number | undefined;
}

function isFailedCall(error: unknown): error is FailedCall {
  return (
    error instanceof Error &&
    error.name === 'PeerError' &&
    'peer' in error &&
    'errorClass' in error &&
    typeof error.errorClass === 'string' &&
    Object.hasOwn(sentences, error.errorClass)
  );
}

/**
 * The answer of a peer that the service has asked. Throws {@link ProblemError} when the call failed: 503, or 504 when the
 * time of the request is over; `dependency` names the peer.
 */
export async function answerOf<T>(service: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isFailedCall(error)) throw error;
    const { errorClass, peer: dependency, retryAfterSeconds = 1, cause } = error;
    const status = errorClass === 'deadline_exceeded' ? 504 : 503;
    const sentence =
      cause instanceof Error && cause.name === 'ResponseBodyError'
        ? `gave an answer that ${service} does not understand`
        : sentences[errorClass];
    throw new ProblemError(status, errorClass, `${dependency} ${sentence}`, {
      members: { dependency },
      ...(status === 503 ? { retryAfterSeconds } : {}),
      cause: error,
    });
  }
}

/** The problem of an unexpected answer of 4xx: a peer that refuses a well-formed question is as good as down. */
export function refusedCall(dependency: string, status: number): ProblemError {
  const code = status === 429 ? 'overloaded' : 'dependency_unavailable';
  return new ProblemError(503, code, `${dependency} refused the call with status ${status}`, {
    members: { dependency },
    retryAfterSeconds: 1,
  });
}
