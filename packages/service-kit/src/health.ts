/**
 * Health of a service: alive, and ready when its own database answers and it was not told to end; the rest is
 * reported, not required.
 */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';

/** What readiness depends on, and what it merely reports. */
export interface HealthOptions {
  /** Name of the service, in the body. */
  readonly service: string;
  /** Rejects when the service's own database does not answer. */
  readonly database: () => Promise<void>;
  /** Things the service works without (broker, cache): true when they are there. */
  readonly optional: Readonly<Record<string, () => boolean>>;
}

/** Time the database has to answer a readiness check, milliseconds. */
const databaseTimeoutMs = 1500;

const state = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('unavailable')]),
  service: Type.String(),
  checks: Type.Record(Type.String(), Type.Union([Type.Literal('up'), Type.Literal('down')])),
});

async function registerHealth(fastify: FastifyInstance, options: HealthOptions): Promise<void> {
  // for the mesh only: callers of the API cannot reach it
  const schema = { hide: true, response: { 200: state, 503: state } };

  fastify.get('/health/live', { schema, logLevel: 'warn' }, async () => ({
    status: 'ok' as const,
    service: options.service,
    checks: {},
  }));

  fastify.get('/health/ready', { schema, logLevel: 'warn' }, async (_request, reply) => {
    const database = await answers(options.database);
    const checks: Record<string, 'up' | 'down'> = { database: database ? 'up' : 'down' };
    for (const [name, check] of Object.entries(options.optional)) checks[name] = check() ? 'up' : 'down';
    const degraded = Object.values(checks).includes('down');
    const ready = database && !fastify.draining();
    void reply.code(ready ? 200 : 503);
    return {
      status: !ready ? ('unavailable' as const) : degraded ? ('degraded' as const) : ('ok' as const),
      service: options.service,
      checks,
    };
  });
}

async function answers(check: () => Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), databaseTimeoutMs);
  try {
    return await Promise.race([
      check().then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** Registers `/health/live` and `/health/ready`. */
export const health = fp(registerHealth, { name: 'health', dependencies: ['drain'] });
