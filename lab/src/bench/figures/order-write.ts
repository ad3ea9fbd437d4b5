/** How many orders the statement of the service writes, beside what the database does with the same rows for `pgbench`. */
import path from 'node:path';
import { CommandFailed } from '@microshop/cli/output/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { calibrate } from '../cpu/calibrate.ts';
import { usual } from '../setup.ts';
import type { Bench, Measured } from './set.ts';
import { watched } from './watch.ts';

/** What has the service's own statement: nothing below the tests may import a service. */
const program = path.join(repositoryRoot, 'test/durability/order-write.bench.ts');

/** What it prints: orders written per second. */
const writtenSchema = Type.Object({ store: Type.Number(), pgbench: Type.Number() });

/** Orders written per second, by whom. */
type Written = Static<typeof writtenSchema>;

/**
 * Measures both, one right after the other, on the PostgreSQL of a bare mesh; which comes first changes with each `index`. Throws
 * `CommandFailed` when the program fails: it needs `pgbench`.
 */
export async function measureOrderWrite(
  { meshOf, settings: { instance }, signal }: Bench,
  index: number,
): Promise<Measured> {
  const { status } = await meshOf({ ...usual, stack: 'bare' });
  const calibratedBefore = calibrate();
  const { span, result } = await watched({ name: 'writes', busy: true, status }, () =>
    written(instance, index % 2 === 0 ? 'store' : 'pgbench', signal),
  );
  return {
    figures: [
      { name: 'orders written by the service per second', value: result.store },
      { name: 'by pgbench per second', value: result.pgbench },
      { name: 'service ÷ pgbench', value: result.store / result.pgbench },
    ],
    spans: [span],
    calibration_ms: [calibratedBefore, calibrate()],
  };
}

async function written(instance: number, first: 'store' | 'pgbench', signal: AbortSignal): Promise<Written> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, '--json', first], {
    env: { MESH_INSTANCE: String(instance) },
    reject: false,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (exitCode !== 0) throw new CommandFailed(`${program} ended with ${exitCode}: ${stderr}`);
  return Value.Parse(writtenSchema, JSON.parse(stdout));
}
