/** Agents of pods that are not there: they take every state, and report it applied at once. */
import type { Identity } from '@microshop/topology';
import type { ReplicaState } from '../../replicas/schemas.ts';
import { nextState } from '../control-client.ts';
import type { AgentSettings } from '../settings.ts';

/** Begins to poll as that identity; returns how to end that. */
export function standIn(identity: Identity, control: string): () => Promise<void> {
  const closing = new AbortController();
  const settings: AgentSettings = {
    identity,
    pod: `${identity}-stand-in`,
    address: '127.0.0.1',
    control,
    envoy: '',
    directory: '',
    breakers: undefined,
  };
  const poll = async (): Promise<void> => {
    let has: ReplicaState | undefined;
    while (!closing.signal.aborted) {
      try {
        has =
          (await nextState(settings, has, { version: has?.version, refused: 0 }, 30_000, closing.signal)) ??
          has;
      } catch {
        // the control service is down, or this has ended
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const polling = poll();
  return async () => {
    closing.abort();
    await polling;
  };
}
