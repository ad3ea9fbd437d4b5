/**
 * Refuses new requests while the service is overloaded: 503 `overloaded`, at once. Its health checks are still
 * answered.
 */
import underPressure from '@fastify/under-pressure';
import { attributes, servicePressure } from '@microshop/topology';
import { metrics } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { overloaded, type ProblemError } from './problem.ts';

/** What the service looks at. */
export interface PressureOptions {
  /** Time the longest waiting query has waited for a connection, milliseconds. */
  readonly poolWaitMs: () => number;
  /** When to refuse; the topology's numbers when absent. */
  readonly limits?: PressureLimits;
}

/** Limits, as `servicePressure` of the topology documents them. */
export type PressureLimits = Readonly<Record<keyof typeof servicePressure, number>>;

/** Why a request is refused; the attribute of the counter. */
const reasons = ['event_loop_delay', 'pool_wait'] as const;
type Reason = (typeof reasons)[number];

async function registerPressure(fastify: FastifyInstance, options: PressureOptions): Promise<void> {
  const limits = options.limits ?? servicePressure;
  const shed = metrics.getMeter('@microshop/service-kit').createCounter('shop.requests.shed', {
    description: 'Requests refused because the service had more to do than it could.',
    unit: '{request}',
  });
  const count = (reason: Reason, requests: number): void =>
    shed.add(requests, { [attributes.shedReason]: reason });
  // a counter that begins with its first refusal hides it from every rate
  for (const reason of reasons) count(reason, 0);
  const refusal = (reason: Reason, detail: string): ProblemError => {
    count(reason, 1);
    return overloaded(detail, limits.retryAfterSeconds);
  };

  // the same delay is read until the next second is measured, also after a pause that has long ended: what was not run for a while is
  // not behind, and only a delay that outlasts one measurement is refused
  let behindSince: number | undefined;
  fastify.addHook('onRequest', async () => {
    behindSince = fastify.isUnderPressure() ? (behindSince ?? performance.now()) : undefined;
  });
  await fastify.register(underPressure, {
    maxEventLoopDelay: limits.maxEventLoopDelayMs,
    pressureHandler: async (request, _reply, _type, delayMs) => {
      if (isHealth(request) || behindSince === undefined) return;
      if (performance.now() - behindSince < limits.minBehindMs) return;
      throw refusal('event_loop_delay', `This service is ${behind(delayMs)} behind with its work`);
    },
  });
  fastify.addHook('onRequest', async (request) => {
    const waitedMs = options.poolWaitMs();
    if (waitedMs <= limits.maxPoolWaitMs || isHealth(request)) return;
    throw refusal('pool_wait', `Queries wait ${Math.round(waitedMs)} ms for a connection to the database`);
  });
}

/** The delay is infinite when the event loop did not turn once while it was measured. */
function behind(delayMs: number | undefined): string {
  return delayMs === undefined || !Number.isFinite(delayMs) ? 'seconds' : `${Math.round(delayMs)} ms`;
}

function isHealth(request: FastifyRequest): boolean {
  return request.url.startsWith('/health/');
}

/** Registers the two checks. */
export const pressure = fp(registerPressure, { name: 'pressure', dependencies: ['error-handler'] });
