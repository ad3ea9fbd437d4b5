/** `/api/completeness`: how many of the last orders have a whole trace. */
import type { FastifyInstance } from 'fastify';
import { inSnapshot } from '../audit/snapshot.ts';
import type { AuditSources } from '../audit/sources.ts';
import type { TraceReader } from '../trace/jaeger.ts';
import { startChecker } from './checker.ts';
import { figureSchema } from './figure.ts';
import { readGaps } from './gaps.ts';
import { observeCompleteness } from './metrics.ts';
import { orderSource } from './orders.ts';

/** Registers the route and starts the checker; it ends with the service. */
export function registerCompleteness(
  fastify: FastifyInstance,
  options: { readonly traces: TraceReader; readonly sources: AuditSources; readonly runnerEvents: string },
): void {
  const { traces, sources, runnerEvents } = options;
  const checker = startChecker({
    traces,
    orders: orderSource((text, params) => inSnapshot(sources, 'orders', ({ query }) => query(text, params))),
    gaps: () => readGaps(runnerEvents),
    log: fastify.log,
  });
  const unobserve = observeCompleteness(checker.figure);
  fastify.addHook('onClose', async () => {
    unobserve();
    await checker.close();
  });
  fastify.get(
    '/api/completeness',
    { logLevel: 'warn', schema: { response: { 200: figureSchema } } },
    async () => checker.figure(),
  );
}
