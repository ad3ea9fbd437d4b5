/** Waits for a mesh whose parts are all well. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';

/** Time all parts may take to be healthy after the mesh is up, milliseconds; Jaeger has been built by then. */
const healthyLimitMs = 60_000;

/** Pause between two polls of a mesh that this process asks itself, milliseconds. */
const shortPauseMs = 100;

/** Whose health it is. */
interface Where {
  /** Said where it is not healthy in time, such as ` in /home/me/checkout`. */
  readonly place?: string;
  /** Pause between two polls, milliseconds. */
  readonly pauseMs?: number;
}

/**
 * Resolves with the status when every part is healthy. Throws `CommandFailed` when one is not in time, or the mesh has ended; the
 * reason of the signal when that was aborted.
 */
export async function untilHealthy(
  client: Pick<SupervisorClient, 'status'>,
  signal: AbortSignal,
  { place = '', pauseMs = shortPauseMs }: Where = {},
): Promise<MeshStatus> {
  const end = performance.now() + healthyLimitMs;
  for (;;) {
    const found = await client.status();
    if (found === undefined) throw new CommandFailed('The mesh has ended: ./mesh logs runner');
    if (found.healthy) return found;
    if (performance.now() > end) {
      const names = found.parts.filter((part) => !part.healthy).map(({ name }) => name);
      throw new CommandFailed(
        `Not healthy within ${healthyLimitMs / 1000} s${place}: ${names.join(', ')}; ./mesh tools installs what is missing`,
      );
    }
    signal.throwIfAborted();
    await delay(pauseMs);
  }
}
