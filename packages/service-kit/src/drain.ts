/**
 * Leaves in order. Asked to end, a service that its callers watch says so for a while and keeps serving: readiness is
 * 503, and every answer tells the caller's Envoy to ask another replica. Only then does it take no more connections.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { callerHeader, drainHeader, drainMs, replicaCheck } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it was told to end and asks its callers to go elsewhere. */
    readonly draining: () => boolean;
  }
}

/** Callers that have not checked for this long do not watch, milliseconds. */
const watchedForMs = 3 * replicaCheck.intervalMs;

async function registerDrain(fastify: FastifyInstance): Promise<void> {
  let draining = false;
  let lookedAt = Number.NEGATIVE_INFINITY;

  fastify.decorate('draining', () => draining);
  fastify.addHook('onRequest', async (request, reply) => {
    // the runner and the engine ask as well, but name no caller
    if (request.url === replicaCheck.path && request.headers[callerHeader] !== undefined) {
      lookedAt = performance.now();
    }
    if (draining) void reply.header(drainHeader, 'true');
  });
  fastify.addHook('preClose', async () => {
    if (performance.now() - lookedAt > watchedForMs) return;
    draining = true;
    fastify.log.info({ drain_ms: drainMs }, 'draining');
    await delay(drainMs);
  });
}

/** Registers the hooks, and `draining`. */
export const drain = fp(registerDrain, { name: 'drain' });
