/** Errors of the control API, as problems (RFC 9457). */

import { UnreachableError } from '@microshop/program-kit/http-json';
import { type ProblemCode, problemMediaType, problemTitles, problemType } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';

/** Thrown by routes to answer with a problem. */
export class ControlError extends Error {
  override readonly name: string = 'ControlError';
  readonly status: number;
  readonly code: ProblemCode;
  /** Name of the part that is to blame. */
  readonly dependency: string | undefined;
  /** How long after the first question it pays to ask again, milliseconds; absent where the answer will not change. */
  readonly waitMs: number | undefined;

  constructor(
    status: number,
    code: ProblemCode,
    detail: string,
    { dependency, waitMs }: { dependency?: string | undefined; waitMs?: number } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.dependency = dependency;
    this.waitMs = waitMs;
  }
}

function asControlError(error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  if (error instanceof UnreachableError)
    return new ControlError(503, 'dependency_unavailable', error.message, { dependency: error.part });
  const refused =
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode < 500;
  if (refused) return new ControlError(400, 'bad_request', error.message);
  return new ControlError(500, 'internal', 'Something went wrong in the control service; its log tells what');
}

/** Makes every error leave as a problem; what is our fault is logged. */
export function answerWithProblems(fastify: FastifyInstance): void {
  fastify.setErrorHandler((thrown, request, reply) => {
    const { status, code, message, dependency, waitMs } = asControlError(thrown);
    if (status >= 500) request.log.error({ err: thrown, code, status }, message);
    const body = {
      type: problemType(code),
      title: problemTitles[code],
      status,
      detail: message,
      instance: request.url,
      code,
      ...(dependency === undefined ? {} : { dependency }),
      ...(waitMs === undefined ? {} : { wait_ms: waitMs }),
    };
    return reply.code(status).type(problemMediaType).serializer(JSON.stringify).send(body);
  });
  fastify.setNotFoundHandler((request) => {
    throw new ControlError(404, 'not_found', `There is no ${request.method} ${request.url.split('?')[0]}`);
  });
}
