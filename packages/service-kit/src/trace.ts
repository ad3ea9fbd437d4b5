/** Ties each request to its trace: `x-trace-id`, the route's name on the span, one log line when it ends. */

import { noTraceId, tellable, traceIdHeader } from '@microshop/topology';
import { context, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Trace this request belongs to, 32 hex digits; zeros without telemetry. */
    traceId: string;
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
  fastify.addHook('onRequest', async (request, reply) => {
    request.traceId = activeTraceId();
    void reply.header(traceIdHeader, request.traceId);
    const route = request.routeOptions.url;
    if (route !== undefined) {
      const span = trace.getActiveSpan();
      span?.setAttribute('http.route', route);
      span?.updateName(`${request.method} ${route}`);
      // the span has it now; the duration histogram takes it from here
      const rpc = getRPCMetadata(context.active());
      if (rpc?.type === RPCType.HTTP) rpc.route = route;
    }
  });
  fastify.addHook('onResponse', async (request, reply) => {
    if (request.url.startsWith('/health/')) return;
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
  });
}

/** Registers the trace hooks. */
export const traceHooks = fp(registerTrace, { name: 'trace' });
