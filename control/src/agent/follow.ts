/** Follows the control service: every state that it has for this pod is taken over, and what the pod has applied is reported. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import { longestWaitMs } from '../replicas/schemas.ts';
import { nextState } from './control-client.ts';
import type { Holder } from './holder.ts';
import { watchLoaded } from './loaded.ts';
import type { AgentLog } from './log.ts';
import type { AgentSettings } from './settings.ts';

/** Pause after the first failure, milliseconds; doubled up to the last, of which half is chance: not all agents come at once. */
const firstPauseMs = 100;
const lastPauseMs = 2000;

/** What an agent does all the time. */
export interface Following {
  /** The version that the pod has applied whole; undefined where it has none. */
  loaded(): string | undefined;
  end(): Promise<void>;
}

/** Begins. While the control service is unavailable everything stays as it is; that, and its return, are logged once. */
export function follow(settings: AgentSettings, holder: Holder, log: AgentLog): Following {
  const closing = new AbortController();
  let reporting = new AbortController();
  let problem: string | undefined;
  const watch = watchLoaded(settings, holder, () => reporting.abort());

  async function next(): Promise<void> {
    reporting = new AbortController();
    const signal = AbortSignal.any([closing.signal, reporting.signal]);
    // that it is there again is known at once
    const waitMs = problem === undefined ? longestWaitMs : 0;
    const state = await nextState(settings, holder.state(), watch.now(), waitMs, signal);
    if (state !== undefined) {
      await holder.take(state);
      watch.soon();
      const { version, replica, faults } = state;
      log.info({ version, replica, faults: faults.length }, 'the files are those of another version');
    }
    if (problem !== undefined) log.info({}, 'the control service is followed again');
    problem = undefined;
  }

  function failed(error: unknown): void {
    const reason = messageOf(error);
    if (reason === problem) return;
    problem = reason;
    const has = holder.state()?.version;
    log.warn({ reason, has }, 'the control service cannot be followed; what there is stays in effect');
  }

  async function keepFollowing(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!closing.signal.aborted) {
      try {
        await next();
        pauseMs = firstPauseMs;
      } catch (error) {
        // broken off to report something else, or to end
        if (reporting.signal.aborted || closing.signal.aborted) continue;
        failed(error);
        const thisMs = pauseMs * (0.5 + 0.5 * Math.random());
        await delay(thisMs, undefined, { signal: closing.signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, lastPauseMs);
      }
    }
  }

  const following = keepFollowing();
  return {
    loaded: () => watch.now().version,
    async end() {
      closing.abort();
      await Promise.all([following, watch.end()]);
    },
  };
}
