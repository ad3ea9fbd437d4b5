/** What the pairs of a comparison come to: first side ÷ second side, with what chance explains. */
import { type Shift, shiftOf } from '../../statistics/shift.ts';
import { signFlipP } from '../../statistics/sign-flip.ts';
import { type Spread, spread } from '../../statistics/spread.ts';
import { byRow, type CpuMs, meshMs, type Row, rows } from '../cpu/table.ts';
import type { Pair, Run } from './schemas.ts';

/** A figure of both sides. */
export interface Compared {
  /** Medians with the least and the most. */
  readonly sides: readonly [Spread, Spread];
  /** First ÷ second: Hodges–Lehmann over the logarithms, with an interval of 95 % at least; infinite below 6 pairs. */
  readonly ratio: Shift;
  /** Of the exact sign-flip test: how often chance alone would make as large a difference. */
  readonly p: number;
}

/** All of a comparison. */
export interface Summary {
  readonly pairs: number;
  /** Orders that ended, per second until the last one had. */
  readonly ordersPerSecond: Compared;
  /** Time to the answer, milliseconds. */
  readonly p50: Compared;
  readonly p99: Compared;
  /** CPU of the whole mesh per accepted order, without its client, milliseconds. */
  readonly cpuMsPerOrder: Compared;
  /** Orders accepted per second while they were placed ÷ ended per second: over 1 there was a backlog. */
  readonly backlog: Compared;
  /** CPU by who used it, milliseconds per order: medians of both sides. They add up to `machineMsPerOrder` in each run. */
  readonly byRow: readonly { readonly row: Row; readonly msPerOrder: readonly [number, number] }[];
  readonly machineMsPerOrder: readonly [number, number];
}

/** The rows of a run's table. Throws for a table that lacks one. */
export function cpuOf({ cpu_ms: cpu }: Pick<Run, 'cpu_ms'>): CpuMs {
  return byRow((row) => {
    const ms = cpu[row];
    if (ms === undefined) throw new Error(`A run says nothing of the CPU of ${row}`);
    return ms;
  });
}

/** Orders that ended, per second. */
export function ordersPerSecond({ accepted, ending_s: seconds }: Run): number {
  return accepted / seconds;
}

/** CPU of the mesh per order, milliseconds. */
export function cpuMsPerOrder(run: Run): number {
  return meshMs(cpuOf(run)) / run.accepted;
}

/** Summary of those pairs. Throws without any. */
export function summaryOf(pairs: readonly Pair[]): Summary {
  const compared = (of: (run: Run) => number): Compared => {
    const logs = pairs.map(({ runs: [one, other] }) => Math.log(of(one) / of(other)));
    const shift = shiftOf(logs);
    return {
      sides: [
        spread(pairs.map(({ runs: [one] }) => of(one))),
        spread(pairs.map(({ runs: [, other] }) => of(other))),
      ],
      ratio: {
        estimate: Math.exp(shift.estimate),
        least: Math.exp(shift.least),
        most: Math.exp(shift.most),
        coverage: shift.coverage,
      },
      p: signFlipP(logs),
    };
  };
  const medians = (of: (run: Run) => number): readonly [number, number] => [
    spread(pairs.map(({ runs: [one] }) => of(one))).median,
    spread(pairs.map(({ runs: [, other] }) => of(other))).median,
  ];
  const perOrder = (row: Row) => medians((run) => cpuOf(run)[row] / run.accepted);
  return {
    pairs: pairs.length,
    ordersPerSecond: compared(ordersPerSecond),
    p50: compared(({ latency_ms }) => latency_ms.p50),
    p99: compared(({ latency_ms }) => latency_ms.p99),
    cpuMsPerOrder: compared(cpuMsPerOrder),
    backlog: compared(({ placing_s, ending_s }) => ending_s / placing_s),
    byRow: rows.map((row) => ({ row, msPerOrder: perOrder(row) })),
    machineMsPerOrder: medians((run) => run.machine_ms / run.accepted),
  };
}
