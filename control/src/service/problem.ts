/** Errors of the control API, as problems (RFC 9457). */
import { UnwritableError } from '@microshop/program-kit/errors';
import { UnknownNameError, UnreachableError } from '@microshop/program-kit/http-json';
import { typedHere } from '@microshop/program-kit/typed-here';
import { ProblemError } from '@microshop/service-kit';

/** 503: a part that the answer depends on does not answer. */
export function unavailable(detail: string, cause: unknown): ProblemError {
  return new ProblemError(503, 'dependency_unavailable', detail, { cause });
}

/**
 * The problem that an error means. Of a part that does not answer, `dependency` names the part, and `name_not_known` says that
 * it does not run at all; what cannot be kept says why; and commands are named as they are typed where this runs.
 */
export function problemOf(error: unknown, env: NodeJS.ProcessEnv = process.env): ProblemError | undefined {
  if (error instanceof UnreachableError) {
    return new ProblemError(503, 'dependency_unavailable', error.message, {
      members: {
        dependency: error.part,
        ...(error instanceof UnknownNameError ? { name_not_known: true } : {}),
      },
      cause: error,
    });
  }
  if (error instanceof UnwritableError) {
    return new ProblemError(500, 'internal', `The control service cannot keep it: ${error.message}`, {
      cause: error,
    });
  }
  if (!(error instanceof ProblemError)) return undefined;
  const { status, code, message, members, retryAfterSeconds, cause } = error;
  const detail = typedHere(message, env);
  return new ProblemError(status, code, detail, {
    members,
    cause: cause ?? error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
