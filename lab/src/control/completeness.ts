/** `/api/completeness`: how many of the last orders have a whole trace. */
import type { FastifyInstance } from 'fastify';
import { startChecker } from '../completeness/checker.ts';
import { figureSchema } from '../completeness/figure.ts';
import { readGaps } from '../completeness/gaps.ts';
import { observeCompleteness } from '../completeness/metrics.ts';
import { RefusedError, type Shop } from '../shop/client.ts';
import type { TraceReader } from '../trace/jaeger.ts';

/** Registers the route and starts the checker; it ends with the service. */
export function registerCompleteness(
  fastify: FastifyInstance,
  options: { readonly traces: TraceReader; readonly shop: Shop; readonly runnerLog: string },
): void {
  const { traces, shop, runnerLog } = options;
  const checker = startChecker({
    traces,
    hasEnded: async (id) => await orderHasEnded(shop, id),
    gaps: () => readGaps(runnerLog),
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

async function orderHasEnded(shop: Shop, id: number): Promise<boolean | undefined> {
  try {
    return (await shop.order(id)).status !== 'PENDING';
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.code === 'not_found') return undefined;
    throw error;
  }
}
