/** `/api/completeness`: how many of the last orders have a whole trace; they are judged all the time. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type AuditSources, inKeptSnapshot } from '../audit/sources.ts';
import type { TraceReader } from '../trace/jaeger.ts';
import { type Figure, figureSchema } from './figure.ts';
import { createJudging, type JudgingLimits, type JudgingOptions, usualLimits } from './judging.ts';
import { observeCompleteness } from './metrics.ts';
import { orderSource } from './orders.ts';
import { readGaps } from './outcome.ts';

/** What {@link startChecker} needs. */
export interface CheckerOptions extends Omit<JudgingOptions, 'limits'> {
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  readonly limits?: Partial<JudgingLimits>;
}

/** A running checker. */
export interface Checker {
  figure(): Figure;
  close(): Promise<void>;
}

/** Starts judging. A source that is unavailable is logged once; what waits for it is unproven after its deadline. */
export function startChecker({ log, limits: wanted, ...sources }: CheckerOptions): Checker {
  const limits = { ...usualLimits, ...wanted };
  const judging = createJudging({ ...sources, limits });
  const closing = new AbortController();
  let unavailable = false;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await judging.pass(Date.now());
        if (unavailable) log.info('traces are checked again');
        unavailable = false;
      } catch (error) {
        if (!unavailable) log.warn({ reason: messageOf(error) }, 'traces cannot be checked');
        unavailable = true;
      }
      await delay(limits.everyMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }
  const running = run();

  return {
    figure: judging.figure,
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Registers the route and starts the checker, which ends with the service; returns what it knows now. */
export function registerCompleteness(
  fastify: FastifyInstance,
  options: { readonly traces: TraceReader; readonly sources: AuditSources; readonly runnerEvents: string },
): () => Figure {
  const { traces, sources, runnerEvents } = options;
  const checker = startChecker({
    traces,
    orders: orderSource((text, params) =>
      inKeptSnapshot(sources, 'orders', ({ query }) => query(text, params)),
    ),
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
  return checker.figure;
}
