/** One run: the services restarted, warmed up, and measured while they take orders. */

import { runningMesh } from '@microshop/cli/mesh/running-mesh';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed } from '@microshop/cli/output/errors';
import { jaegerClient } from '@microshop/control/trace/jaeger';
import { startApps } from './apps.ts';
import type { Measured } from './compare.ts';
import { cpuPerOrder, readCpu } from './cpu.ts';
import { placeOrders } from './orders.ts';
import { checkTraces } from './whole.ts';

/** What a run is. */
export interface RunSettings {
  /** Environment of the services besides the usual. */
  readonly extra: Readonly<Record<string, string>>;
  /** Whether the services make spans then; if so, the trace of each order must be whole. */
  readonly traced: boolean;
  readonly orders: number;
  readonly clients: number;
}

/** Orders placed before the measured ones: by then V8 has compiled what an order runs through, and pools are open. */
const warmUpOrders = 500;

/** Share of refused orders above which a run says nothing. */
const mostRefused = 0.02;

/** Runs it. Throws `CommandFailed` when it proves nothing: too many orders refused, or one not traced whole. */
export async function measure({ extra, traced, orders, clients }: RunSettings): Promise<Measured> {
  const { gateway, jaeger } = await runningMesh();
  const { client, placement } = meshSettings();
  const apps = await startApps(placement(), extra);
  try {
    await placeOrders(gateway, warmUpOrders, clients);
    const parts = (await client.status())?.parts ?? [];
    const before = readCpu(apps.pids, parts);
    const run = await placeOrders(gateway, orders, clients);
    const after = readCpu(apps.pids, parts);
    if (run.refused > orders * mostRefused) {
      throw new CommandFailed(
        `${run.refused} of ${orders} orders were refused: the machine has too much to do`,
      );
    }
    if (traced) await checkTraces(jaegerClient(jaeger), run.traceIds);
    return {
      ordersPerSecond: run.accepted / run.endingSeconds,
      cpuMsPerOrder: cpuPerOrder(before, after, run.accepted),
    };
  } finally {
    await apps.stop();
  }
}
