/** Follows the control service: every state that it has for this pod is taken over, and what the pod has applied is reported. */
import { longestWaitMs } from '../replicas/schemas.ts';
import { createAttempts } from './attempts.ts';
import { nextState } from './control-client.ts';
import type { Holder } from './holder.ts';
import { watchLoaded } from './loaded.ts';
import type { AgentLog } from './log.ts';
import type { AgentSettings } from './settings.ts';

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
  const attempts = createAttempts(
    log,
    'the control service cannot be followed; what there is stays in effect',
  );
  const watch = watchLoaded(settings, holder, () => reporting.abort());

  async function next(): Promise<void> {
    reporting = new AbortController();
    const signal = AbortSignal.any([closing.signal, reporting.signal]);
    // its return is noticed at once
    const waitMs = attempts.failing() ? 0 : longestWaitMs;
    const state = await nextState(settings, holder.state(), watch.now(), waitMs, signal);
    if (state !== undefined) {
      await holder.take(state);
      watch.soon();
      const { version, replica, faults } = state;
      log.info({ version, replica, faults: faults.length }, 'another version was written to the files');
    }
    if (attempts.failing()) log.info({}, 'the control service is available again');
    attempts.succeeded();
  }

  async function keepFollowing(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await next();
      } catch (error) {
        // aborted, to report something else or to stop
        if (reporting.signal.aborted || closing.signal.aborted) continue;
        await attempts.failed(error, closing.signal);
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
