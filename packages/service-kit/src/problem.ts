/** Errors that are answers: each becomes an RFC 9457 problem with its `code`. */
import { type ProblemCode, type ProblemStatusNumber, problemTitles, problemType } from '@microshop/topology';

/** Body of every error. Further members (`dependency`) say what the code cannot. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode;
  readonly trace_id: string;
  readonly [member: string]: unknown;
}

/** What a {@link ProblemError} may carry in addition to status, code and detail. */
export interface ProblemOptions {
  /** Further members of the body. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Sent as `retry-after`, whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** Thrown by routes and domain code to answer with a problem. */
export class ProblemError extends Error {
  readonly status: ProblemStatusNumber;
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: ProblemStatusNumber, code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.members = options.members ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** 400: the input is wrong; `detail` names the field and the fix. */
export function badRequest(detail: string, options?: ProblemOptions): ProblemError {
  return new ProblemError(400, 'bad_request', detail, options);
}

/** 404: the addressed thing does not exist. */
export function notFound(detail: string): ProblemError {
  return new ProblemError(404, 'not_found', detail);
}

/** 503 with `retry-after`: this service has more to do than it can. */
export function overloaded(detail: string, retryAfterSeconds = 1): ProblemError {
  return new ProblemError(503, 'overloaded', detail, { retryAfterSeconds });
}

/** The body of a problem. */
export function problemBody(
  error: Pick<ProblemError, 'status' | 'code' | 'message' | 'members'>,
  instance: string,
  traceId: string,
): Problem {
  return {
    type: problemType(error.code),
    title: problemTitles[error.code],
    status: error.status,
    detail: error.message,
    instance,
    code: error.code,
    trace_id: traceId,
    ...error.members,
  };
}
