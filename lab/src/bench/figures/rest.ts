/**
 * What the whole mesh takes at rest, before load and after it; how it keeps up with as much load as it can take; and its memory once so
 * many orders have left all that is kept of them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import { jaegerClient } from '@microshop/control/trace/jaeger';
import { calibrate } from '../cpu/calibrate.ts';
import { ownersOf } from '../cpu/owners.ts';
import { meshMs, meshRows } from '../cpu/table.ts';
import type { MeasuredMesh } from '../mesh/measured-mesh.ts';
import { cpuOf } from '../results/summary.ts';
import { whyRefused } from '../results/validity.ts';
import type { Arrivals } from '../run/arrivals.ts';
import { stockFault, untilEnded } from '../run/measure.ts';
import { type Placed, placeOrders } from '../run/place-orders.ts';
import { makeGoods } from '../run/shop.ts';
import { brokenTrace } from '../run/traces.ts';
import { memoryByRow } from './memory.ts';
import type { Figure, Span } from './schemas.ts';
import type { Measured } from './set.ts';
import { watched } from './watch.ts';

/** How long each stretch is, seconds, and how many orders there are in all. */
export interface RestPlan {
  /** From a healthy mesh to what counts as rest. */
  readonly settle: number;
  /** Over which CPU at rest is counted. */
  readonly rest: number;
  readonly warmUp: number;
  readonly load: number;
  /** At least; load goes on until there are so many. */
  readonly orders: number;
  /** From the end of the last order to rest after load. */
  readonly after: number;
}

/** The plan of the set; over 5,000 orders fill Jaeger's memory with as many traces as it keeps. */
export const usualRest: RestPlan = { settle: 20, rest: 20, warmUp: 5, load: 60, orders: 10_000, after: 60 };

/** As many clients as in the comparisons: more do not get more orders out of a mesh. */
const clients: Arrivals = { kind: 'closed', clients: 32 };
const products = 64;

/** Load in one go while orders are missing, seconds, and the time after which that is given up. */
const moreSeconds = 5;
const moreLimitMs = 1_800_000;

/** Measures a mesh that was just started. Throws `CommandFailed` when orders do not end, or there are not enough in time. */
export async function measureRest(
  mesh: MeasuredMesh,
  signal: AbortSignal,
  plan: RestPlan = usualRest,
): Promise<Measured> {
  const { status } = mesh;
  const wait = (seconds: number) => delay(seconds * 1000, undefined, { signal });
  const atRest = async (name: string) =>
    (await watched({ name, busy: false, status }, () => wait(plan.rest))).span;

  await wait(plan.settle);
  const calibratedBefore = calibrate();
  const before = await atRest('at rest');

  const goods = await makeGoods(mesh, products);
  const place = (seconds: number) => placeOrders(mesh.urlOf('orders'), goods, clients, seconds, signal);
  const all = [await place(plan.warmUp)];
  await untilEnded(mesh, signal);
  const { span: load, result: loaded } = await watched({ name: 'load', busy: true, status }, async () => {
    const placed = await place(plan.load);
    await untilEnded(mesh, signal);
    return placed;
  });
  all.push(loaded);
  const limit = performance.now() + moreLimitMs;
  while (acceptedOf(all) < plan.orders) {
    if (performance.now() > limit) throw new CommandFailed(`Only ${acceptedOf(all)} orders were accepted`);
    all.push(await place(moreSeconds));
  }
  await untilEnded(mesh, signal);
  const memory = memoryByRow(ownersOf(await mesh.status()));

  await wait(plan.after);
  const after = await atRest('after load');
  const calibratedAfter = calibrate();
  const fault =
    (loaded.latenciesMs.length === 0 ? 'No order was accepted under load' : undefined) ??
    whyRefused(acceptedOf(all), refusedOf(all))[0] ??
    stockFault(await goods.taken(), acceptedOf(all), refusedOf(all)) ??
    (await brokenTrace(
      jaegerClient(mesh.jaeger),
      all.flatMap(({ traceIds }) => traceIds),
    ));
  return {
    figures: [
      restFigure(`CPU at rest, ${plan.settle} s after the start, ms a second`, before),
      restFigure(`CPU at rest, ${plan.after} s after load, ms a second`, after),
      { name: `orders accepted in ${plan.load} s`, value: loaded.latenciesMs.length },
      { name: 'accepted ÷ ended per second', value: load.seconds / loaded.seconds },
      {
        name: `memory (PSS) after ${plan.orders} orders, MiB`,
        value: sumOf(Object.values(memory)) / 2 ** 20,
        of: Object.fromEntries(Object.entries(memory).map(([row, bytes]) => [row, bytes / 2 ** 20])),
      },
    ],
    spans: [before, load, after],
    calibration_ms: [calibratedBefore, calibratedAfter],
    ...(fault === undefined ? {} : { fault }),
  };
}

function restFigure(name: string, span: Span): Figure {
  const cpu = cpuOf(span);
  return {
    name,
    value: meshMs(cpu) / span.seconds,
    of: Object.fromEntries(meshRows.map((row) => [row, cpu[row] / span.seconds])),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0);
}

function acceptedOf(all: readonly Placed[]): number {
  return sumOf(all.map(({ latenciesMs }) => latenciesMs.length));
}

function refusedOf(all: readonly Placed[]): number {
  return sumOf(all.map(({ refused }) => refused));
}
