/** A Fastify instance with everything the services share. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { appHeaderBytes, maxBodyBytes } from '@microshop/topology';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { drain } from './drain.ts';
import { errorHandler, sendProblem, toProblemError } from './error-handler.ts';
import { jsonBody } from './json-body.ts';
import { openapi } from './openapi.ts';
import type { ProblemError } from './problem.ts';
import { traceHooks } from './trace.ts';
import { validation } from './validation.ts';

/** A service: Fastify with TypeBox types. */
export type Service = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What tells services apart. */
export interface ServiceOptions {
  readonly name: string;
  readonly logger: FastifyBaseLogger;
  /** Of its API, for the description at `/docs/<name>`; absent for a service that is not called through the gateway. */
  readonly description?: string;
  /** Of its API; goes with the description. */
  readonly version?: string;
  /** Whether the gateway authenticates clients: the description then says who may do what. */
  readonly edgeAuth?: boolean;
  /** The problem that one of the service's own errors stands for; `undefined` for any other error. */
  readonly problemOf?: (error: unknown) => ProblemError | undefined;
}

/** Makes the Fastify instance; routes are the caller's to add. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const fastify = Fastify({
    loggerInstance: options.logger,
    // One line per request is written by the trace hooks instead of Fastify's two.
    logController: new LogController({ disableRequestLogging: true }),
    // Fastify would give each line its own number of the request; the trace id identifies it already. Only a route with a level of
    // its own needs a separate logger.
    childLoggerFactory: (logger, _bindings, options) => (options.level ? logger.child({}, options) : logger),
    bodyLimit: maxBodyBytes,
    http: { maxHeaderSize: appHeaderBytes },
    // as long as the head allows: the router would answer a longer one with a 414 that names no field
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: appHeaderBytes },
    // A request that arrives on an open connection while we close is still served; the answer closes the connection.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(toProblemError(error), request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();

  // JSON only: Fastify would hand a text/plain body to the schema as a string.
  fastify.removeContentTypeParser('text/plain');
  await fastify.register(traceHooks);
  await fastify.register(drain);
  await fastify.register(validation);
  await fastify.register(jsonBody);
  await fastify.register(errorHandler, { problemOf: options.problemOf });
  const { name: service, description, version, edgeAuth = false } = options;
  if (description !== undefined && version !== undefined) {
    await fastify.register(openapi, { service, description, version, edgeAuth });
  }
  return fastify;
}
