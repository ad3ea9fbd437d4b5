/** Agents of pods that are not there: they take every state, and report it applied at once. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Identity } from '@microshop/topology';
import type { ReplicaState } from '../../replicas/schemas.ts';
import { podToken } from '../../replicas/testing/api-server.ts';
import { nextState } from '../control-client.ts';
import type { AgentSettings } from '../settings.ts';

/** Begins to poll as that identity; returns how to end that. */
export async function standIn(
  identity: Identity,
  control: string,
  directory: string,
): Promise<() => Promise<void>> {
  const pod = `${identity}-stand-in`;
  const token = path.join(directory, `${pod}.token`);
  await writeFile(token, podToken(identity, pod));
  const closing = new AbortController();
  const settings: AgentSettings = {
    identity,
    pod,
    address: '127.0.0.1',
    control,
    envoy: '',
    directory: '',
    token,
    breakers: undefined,
    issued: undefined,
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
