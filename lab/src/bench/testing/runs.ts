/** Runs for tests: a quiet machine, and what a test changes of it. */
import { byRow, type Row } from '../cpu/table.ts';
import type { Pair, Result, Run } from '../results/schemas.ts';

/** A run of 1,000 orders in 10 s, 9 ms of CPU an order in the services and 1 ms in the client. */
export function aRun(cpu: Partial<Record<Row, number>> = {}, change: Partial<Run> = {}): Run {
  const usual: Partial<Record<Row, number>> = { services: 9000, client: 1000 };
  const ms = byRow((row) => cpu[row] ?? usual[row] ?? 0);
  return {
    accepted: 1000,
    refused: 0,
    placing_s: 9.5,
    ending_s: 10,
    latency_ms: { p50: 20, p99: 60 },
    cpu_ms: ms,
    machine_ms: Object.values(ms).reduce((sum, one) => sum + one, 0),
    stolen_ms: 0,
    calibration_ms: [10, 10],
    ...change,
  };
}

/** A pair of such runs. */
export function aPair(index: number, runs: Pair['runs'] = [aRun(), aRun()], invalid: string[] = []): Pair {
  return { index, first: index % 2, at: '2026-01-01T00:00:00.000Z', runs, invalid };
}

/** What is kept of a comparison with those pairs, 6 of which are planned. */
export function aResult(pairs: Pair[]): Result {
  return {
    comparison: 'traces',
    says: 'services that make spans ÷ that make none',
    sides: ['on', 'off'],
    command: './mesh bench --only traces',
    environment: {
      cpu: 'One of 2024',
      cores: 2,
      memory_mib: 4096,
      kernel: '6.1',
      node: 'v26.10.0',
      servers: { envoy: '1.40.0' },
      commit: '2c79377',
      changed: false,
    },
    plan: { pairs: 6, seconds: 10, warm_up_s: 5 },
    pairs,
    discarded: [],
  };
}
