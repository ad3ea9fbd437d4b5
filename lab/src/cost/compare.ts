/** Pairs runs with and without a part of telemetry: what neighbours on the machine do falls on both alike. */
import { type Spread, spread } from '../statistics/spread.ts';
import { type Consumer, type CpuMs, consumers } from './cpu.ts';

/** What one run measured. */
export interface Measured {
  /** Orders that ended, per second. */
  readonly ordersPerSecond: number;
  /** CPU time per order of each who has to do with it, milliseconds. */
  readonly cpuMsPerOrder: CpuMs;
}

/** One run with everything on, one with a part off, next to each other in time. */
export interface Pair {
  readonly on: Measured;
  readonly off: Measured;
}

/** What the pairs say; medians, as one disturbed run must not decide. */
export interface Comparison {
  readonly pairs: number;
  /** Orders per second, on ÷ off: 0.8 is a fifth fewer orders with it on. */
  readonly throughput: Spread;
  /** CPU of the services per order, off ÷ on: the same scale, and less touched by what else runs. */
  readonly servicesCpu: Spread;
  /** CPU of everything an order needs, off ÷ on: what throughput tends to where CPU is what binds. */
  readonly allCpu: Spread;
  /** CPU per order, milliseconds: medians of the runs with it on and off. */
  readonly cpuMsPerOrder: Readonly<Record<Consumer, { readonly on: number; readonly off: number }>>;
}

/** The median of the ratios of each pair. Throws without any pair. */
export function compare(pairs: readonly Pair[]): Comparison {
  const median = (of: (pair: Pair) => number) => spread(pairs.map(of)).median;
  const bySide = (consumer: Consumer) => ({
    on: median(({ on }) => on.cpuMsPerOrder[consumer]),
    off: median(({ off }) => off.cpuMsPerOrder[consumer]),
  });
  return {
    pairs: pairs.length,
    throughput: spread(pairs.map(({ on, off }) => on.ordersPerSecond / off.ordersPerSecond)),
    servicesCpu: spread(pairs.map(({ on, off }) => off.cpuMsPerOrder.services / on.cpuMsPerOrder.services)),
    allCpu: spread(pairs.map(({ on, off }) => sumOf(off.cpuMsPerOrder) / sumOf(on.cpuMsPerOrder))),
    cpuMsPerOrder: {
      services: bySide('services'),
      Envoys: bySide('Envoys'),
      Jaeger: bySide('Jaeger'),
      'databases and broker': bySide('databases and broker'),
      client: bySide('client'),
    },
  };
}

/** CPU of all together, milliseconds. */
export function sumOf(cpu: CpuMs): number {
  return consumers.reduce((sum, consumer) => sum + cpu[consumer], 0);
}
