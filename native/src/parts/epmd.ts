/** Erlang's port mapper daemon: started by the first Erlang VM of a port, ended by nobody. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { Address } from '@microshop/topology';
import { run } from '../tools/run.ts';

/** Time epmd has to notice that its last VM is gone, milliseconds. */
const patienceMs = 5000;

/**
 * Ends the epmd on that port, if there is one. epmd refuses while a VM is registered, so one that serves somebody
 * else's VM stays. Throws when it is still there after five seconds.
 */
export async function endEpmd(address: Address, env: Record<string, string>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (await listens(address)) {
    const said = await run('epmd', ['-port', String(address.port), '-kill'], { env }).catch(messageOf);
    if (performance.now() > deadline) {
      throw new Error(`epmd on port ${address.port} does not end: ${said.trim()}`);
    }
    await delay(100);
  }
}

function listens(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
