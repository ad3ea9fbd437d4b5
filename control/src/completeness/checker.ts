/** Judges the traces of the orders of the last minutes all the time. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { FastifyBaseLogger } from 'fastify';
import type { Figure } from './figure.ts';
import { createJudging, type JudgingLimits, type JudgingOptions, usualLimits } from './judging.ts';

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

/** Starts judging. A source that is unavailable is told once; what waits for it is unproven after its deadline. */
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
