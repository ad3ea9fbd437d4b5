/** Errors of the control API, as problems (RFC 9457). */
import { UnknownNameError, UnreachableError } from '@microshop/program-kit/http-json';
import { ProblemError } from '@microshop/service-kit';

/** 503: what is asked on behalf of somebody cannot answer. */
export function unavailable(detail: string, cause: unknown): ProblemError {
  return new ProblemError(503, 'dependency_unavailable', detail, { cause });
}

/** The problem that an error of a part means; `dependency` names the part, `name_not_known` says that it does not run at all. */
export function problemOf(error: unknown): ProblemError | undefined {
  if (!(error instanceof UnreachableError)) return undefined;
  return new ProblemError(503, 'dependency_unavailable', error.message, {
    members: {
      dependency: error.part,
      ...(error instanceof UnknownNameError ? { name_not_known: true } : {}),
    },
    cause: error,
  });
}
