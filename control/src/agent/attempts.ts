/** Attempts at something until it succeeds: the pauses between them, and what is logged of them. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { AgentLog } from './log.ts';

/** Pause after the first failure, milliseconds; doubled up to the last, of which half is chance: not all agents come at once. */
const firstPauseMs = 100;
const lastPauseMs = 2000;

/** Attempts at one thing. */
export interface Attempts {
  /** Whether the last one failed. */
  failing(): boolean;
  succeeded(): void;
  /** Logs the reason, unless it is that of the last failure, and pauses. */
  failed(error: unknown, closing: AbortSignal): Promise<void>;
}

/** No attempt so far; `message` is logged with the reason of a failure. */
export function createAttempts(log: AgentLog, message: string): Attempts {
  let pauseMs = firstPauseMs;
  let problem: string | undefined;
  return {
    failing: () => problem !== undefined,
    succeeded() {
      pauseMs = firstPauseMs;
      problem = undefined;
    },
    async failed(error, closing) {
      const reason = messageOf(error);
      if (reason !== problem) log.warn({ reason }, message);
      problem = reason;
      const thisMs = pauseMs * (0.5 + 0.5 * Math.random());
      pauseMs = Math.min(2 * pauseMs, lastPauseMs);
      await delay(thisMs, undefined, { signal: closing }).catch(() => undefined);
    },
  };
}
