/** Waits for a mesh whose parts are all well. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';

/** Time all parts may take to be healthy after the mesh is up, milliseconds; Jaeger has been built by then. */
const healthyLimitMs = 60_000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 100;

/** Resolves when every part is healthy. Throws `CommandFailed` when one is not in time, or the mesh has ended. */
export async function untilHealthy(
  client: Pick<SupervisorClient, 'status'>,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + healthyLimitMs;
  for (;;) {
    const found = await client.status();
    if (found === undefined) throw new CommandFailed('The mesh has ended: ./mesh logs runner');
    if (found.healthy) return;
    if (performance.now() > end) {
      const names = found.parts.filter((part) => !part.healthy).map(({ name }) => name);
      throw new CommandFailed(
        `Not healthy within ${healthyLimitMs / 1000} s: ${names.join(', ')}; ./mesh tools makes what is missing`,
      );
    }
    signal.throwIfAborted();
    await delay(pollEveryMs);
  }
}
