/** Work that is done before the service listens, and again whenever it is time, until it closes. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { FastifyInstance } from 'fastify';

/**
 * Longest pause, milliseconds. Timers stand still while a computer sleeps: what has ended meanwhile is renewed within this time of its
 * waking up. So it is the pause after a failure.
 */
const longestPauseMs = 5000;

/** Shortest pause, milliseconds. */
const shortestPauseMs = 100;

/** What goes on. */
export interface Upkeep {
  /** Ends the pause. */
  wake(): void;
}

/**
 * Does the work, which returns when it is to be done again, milliseconds since the epoch. The first failure keeps the service from
 * starting; a later one is logged with that message, once for each reason, and the work is attempted again.
 */
export function keepUp(fastify: FastifyInstance, message: string, work: () => Promise<number>): Upkeep {
  const closing = new AbortController();
  let waking = new AbortController();
  let loggedReason: string | undefined;

  async function goOn(first: number): Promise<void> {
    let dueAt = first;
    while (!closing.signal.aborted) {
      const pauseMs = Math.min(longestPauseMs, Math.max(shortestPauseMs, dueAt - Date.now()));
      waking = new AbortController();
      const signal = AbortSignal.any([closing.signal, waking.signal]);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      try {
        dueAt = await work();
        loggedReason = undefined;
      } catch (error) {
        dueAt = Number.POSITIVE_INFINITY;
        const reason = messageOf(error);
        if (reason !== loggedReason) fastify.log.error({ err: error }, message);
        loggedReason = reason;
      }
    }
  }

  let going: Promise<void> | undefined;
  fastify.addHook('onReady', async () => {
    going = goOn(await work());
  });
  fastify.addHook('onClose', async () => {
    closing.abort();
    await going;
  });
  return { wake: () => waking.abort() };
}
