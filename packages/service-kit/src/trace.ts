/** Ties each request to its trace: `x-trace-id`, the route's name on the span, one log line when it ends. */

import { noTraceId, tellable, traceIdHeader } from '@microshop/topology';
import { type Context, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Trace this request belongs to, 32 hex digits; zeros without telemetry. */
    traceId: string;
    /** The context that it came in; absent for one that was refused before the hooks ran. */
    tracedIn: Context | undefined;
  }
}

/** Trace id of the active span. */
export function activeTraceId(): string {
  return trace.getActiveSpan()?.spanContext().traceId ?? noTraceId;
}

/** Trace id of a request. Works for requests refused before the hooks ran, too. */
export function traceIdOf(request: FastifyRequest): string {
  // A request with a malformed address never gets the decorated properties.
  const known: string | undefined = request.traceId;
  return known === undefined || known === '' ? activeTraceId() : known;
}

async function registerTrace(fastify: FastifyInstance): Promise<void> {
  fastify.decorateRequest('traceId', '');
  fastify.decorateRequest('tracedIn');
  fastify.addHook('onRequest', async (request, reply) => {
    request.tracedIn = context.active();
    request.traceId = activeTraceId();
    void reply.header(traceIdHeader, request.traceId);
    const route = request.routeOptions.url;
    if (route === undefined) return;
    // the span of the request and the histogram of durations take it from here
    const rpc = getRPCMetadata(context.active());
    if (rpc?.type === RPCType.HTTP) rpc.route = route;
  });
  fastify.addHook('onResponse', async (request, reply) => {
    if (request.url.startsWith('/health/')) return;
    const write = () =>
      request.log.info(
        {
          method: request.method,
          url: tellable(request.url),
          route: request.routeOptions.url,
          status: reply.statusCode,
          duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
        },
        'request completed',
      );
    // an answer to a client that disconnected ends in the context of its connection
    context.with(request.tracedIn ?? ROOT_CONTEXT, write);
  });
}

/** Registers the trace hooks. */
export const traceHooks = fp(registerTrace, { name: 'trace' });
