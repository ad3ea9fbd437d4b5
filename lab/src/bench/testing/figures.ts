/** Figures for tests: a quiet machine, and what a test changes of it. */
import { byRow, type Row } from '../cpu/table.ts';
import type { KeptFigures, Measurement, Span } from '../figures/schemas.ts';
import { aResult } from './runs.ts';

/** 10 s of load in which the services used 9 s and the client 1 s, or what is given. */
export function aSpan(cpu?: Partial<Record<Row, number>>, change: Partial<Span> = {}): Span {
  const used: Partial<Record<Row, number>> = cpu ?? { services: 9000, client: 1000 };
  const ms = byRow((row) => used[row] ?? 0);
  return {
    name: 'load',
    busy: true,
    seconds: 10,
    cpu_ms: ms,
    machine_ms: Object.values(ms).reduce((sum, one) => sum + one, 0),
    stolen_ms: 0,
    ...change,
  };
}

/** A measurement with two figures, one of them a sum. */
export function aMeasurement(index: number, memory = 900, invalid: string[] = []): Measurement {
  return {
    index,
    at: '2026-01-01T00:00:00.000Z',
    figures: [
      { name: 'memory, MiB', value: memory, of: { services: memory - 300, Jaeger: 300, Redis: 0 } },
      { name: 'orders', value: 10_000 },
    ],
    spans: [aSpan()],
    calibration_ms: [10, 10],
    invalid,
  };
}

/** What is kept of a set that is measured three times. */
export function keptFigures(measurements: Measurement[]): KeptFigures {
  const { environment } = aResult([]);
  return {
    set: 'rest',
    says: 'what the mesh takes at rest',
    command: './mesh bench --only rest',
    environment,
    times: 3,
    measurements,
    discarded: [],
  };
}
