/** The one error handler: whatever is thrown leaves as a problem, and is logged once. */
import { isTransient } from '@microshop/database/errors';
import { problemMediaType, problemStatuses } from '@microshop/topology';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { ProblemError, problemBody } from './problem.ts';
import { traceIdOf } from './trace.ts';

/** Statuses of the framework's own refusals. */
const frameworkStatuses = [400, 404, 413, 415] as const;

/** Details in place of the framework's own words, which name no field. */
const frameworkDetails: Readonly<Record<number, string>> = {
  415: 'header.content-type names a media type that is not understood here; send application/json',
};

/**
 * Turns anything thrown into a problem. What is neither ours, nor the framework's refusal, nor a database that is
 * unavailable, is a 500 that reveals nothing.
 */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const status = frameworkStatuses.find((one) => one === statusOf(error));
  if (status !== undefined && error instanceof Error) {
    const [code] = problemStatuses[status].codes;
    return new ProblemError(status, code, frameworkDetails[status] ?? error.message, { cause: error });
  }
  if (isTransient(error)) {
    return new ProblemError(
      503,
      'dependency_unavailable',
      'The database of this service cannot be used right now',
      {
        members: { dependency: 'database' },
        retryAfterSeconds: 1,
        cause: error,
      },
    );
  }
  return new ProblemError(
    500,
    'internal',
    'Something went wrong on our side; the trace id finds it in the logs',
    {
      cause: error,
    },
  );
}

function statusOf(error: unknown): number {
  if (typeof error === 'object' && error !== null && 'statusCode' in error) {
    return typeof error.statusCode === 'number' ? error.statusCode : 500;
  }
  return 500;
}

/** Answers with the problem. */
export async function sendProblem(
  error: ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (error.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  }
  const body = problemBody(error, request.url, traceIdOf(request));
  return reply.code(error.status).type(problemMediaType).serializer(JSON.stringify).send(body);
}

async function handleError(
  error: FastifyError,
  problem: ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (problem.status >= 500) {
    request.log.error(
      { err: problem.cause ?? error, code: problem.code, status: problem.status },
      problem.message,
    );
  }
  return sendProblem(problem, request, reply);
}

async function registerErrorHandler(
  fastify: FastifyInstance,
  { problemOf }: { readonly problemOf?: ((error: unknown) => ProblemError | undefined) | undefined },
): Promise<void> {
  fastify.setErrorHandler((error: FastifyError, request, reply) =>
    handleError(error, problemOf?.(error) ?? toProblemError(error), request, reply),
  );
  fastify.setNotFoundHandler((request, reply) =>
    sendProblem(
      new ProblemError(404, 'not_found', `There is no ${request.method} ${request.url.split('?')[0]}`),
      request,
      reply,
    ),
  );
}

/** Registers the error and not-found handlers. */
export const errorHandler = fp(registerErrorHandler, { name: 'error-handler', dependencies: ['trace'] });
