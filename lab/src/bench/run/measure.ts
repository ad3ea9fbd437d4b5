/** One run: the mesh warmed up, and measured while it takes orders and until the last of them has ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import { jaegerClient } from '@microshop/control/trace/jaeger';
import { quantile } from '../../statistics/spread.ts';
import { calibrate } from '../cpu/calibrate.ts';
import { ownersOf } from '../cpu/owners.ts';
import { snapshot } from '../cpu/processes.ts';
import { cpuTable } from '../cpu/table.ts';
import type { MeasuredMesh } from '../mesh/measured-mesh.ts';
import type { Run } from '../results/schemas.ts';
import type { Arrivals } from './arrivals.ts';
import { placeOrders } from './place-orders.ts';
import { anyPending, type Goods, makeGoods } from './shop.ts';
import { brokenTrace } from './traces.ts';

/** What a run is. */
export interface RunSettings {
  readonly mesh: MeasuredMesh;
  readonly arrivals: Arrivals;
  /** Products that the orders are for, in turn. */
  readonly products: number;
  readonly seconds: number;
  /** Load before it, seconds: V8 has compiled what an order runs through by then, and pools are open. */
  readonly warmUpSeconds: number;
  /** Whether each order must have left a whole trace. */
  readonly traced: boolean;
  readonly signal: AbortSignal;
}

/** Time all orders may take to end after the last was placed, milliseconds. */
const endLimitMs = 120_000;

/** Pause between two polls for orders under way, milliseconds: each is a request through the mesh as well. */
const pollEveryMs = 50;

/** Runs it. Throws `CommandFailed` when orders do not end, or none was accepted. */
export async function measure(settings: RunSettings): Promise<Run> {
  const { mesh, arrivals, products, seconds, warmUpSeconds, traced, signal } = settings;
  const goods = await makeGoods(mesh, products);
  const orders = mesh.urlOf('orders');
  await placeOrders(orders, goods, arrivals, warmUpSeconds, signal);
  await untilEnded(mesh, signal, goods);

  const goneBefore = await goods.taken();
  const calibratedBefore = calibrate();
  const owners = ownersOf(await mesh.status());
  const before = snapshot();
  const began = performance.now();
  const placed = await placeOrders(orders, goods, arrivals, seconds, signal);
  await untilEnded(mesh, signal, goods);
  const endingSeconds = (performance.now() - began) / 1000;
  const after = snapshot();
  const table = cpuTable(before, after, owners);
  const calibratedAfter = calibrate();

  const accepted = placed.latenciesMs.length;
  if (accepted === 0) throw new CommandFailed('No order was accepted');
  const fault =
    stockFault((await goods.taken()) - goneBefore, accepted, placed.refused) ??
    (traced ? await brokenTrace(jaegerClient(mesh.jaeger), placed.traceIds) : undefined);
  return {
    accepted,
    refused: placed.refused,
    placing_s: placed.seconds,
    ending_s: endingSeconds,
    latency_ms: { p50: quantile(placed.latenciesMs, 0.5), p99: quantile(placed.latenciesMs, 0.99) },
    cpu_ms: table.ms,
    machine_ms: table.machineMs,
    stolen_ms: table.stolenMs,
    calibration_ms: [calibratedBefore, calibratedAfter],
    ...(fault === undefined ? {} : { fault }),
  };
}

/** Waits until no order is under way. Throws `CommandFailed` when that takes too long. */
export async function untilEnded(
  mesh: Pick<MeasuredMesh, 'urlOf'>,
  signal: AbortSignal,
  goods: Pick<Goods, 'headers'> = {},
): Promise<void> {
  const limit = performance.now() + endLimitMs;
  while (await anyPending(mesh, goods)) {
    signal.throwIfAborted();
    if (performance.now() > limit) throw new CommandFailed('Orders do not end');
    await delay(pollEveryMs);
  }
}

/**
 * What is wrong with the stock that is gone; each order is for one piece. One that was refused may have been accepted all the
 * same: a 504 says that it is not known.
 */
export function stockFault(gone: number, accepted: number, refused: number): string | undefined {
  if (gone >= accepted && gone <= accepted + refused) return undefined;
  return `${accepted} orders were accepted, and ${gone} took their stock`;
}
