/** The services alone, as `./mesh bench bare` starts them: orders are confirmed, and nothing of the mesh takes part. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { rows } from '../cpu/table.ts';
import { measure } from '../run/measure.ts';
import { type Setup, usual } from '../setup.ts';
import { openMeshes } from '../testing/meshes.ts';
import { createMeshes } from './measured-mesh.ts';
import { withTables } from './tables.ts';

/** A run that is long enough to show what it does. */
const fewOrders = {
  arrivals: { kind: 'closed', clients: 2 },
  products: 2,
  seconds: 1,
  warmUpSeconds: 1,
  traced: false,
} as const;

test('bare services take orders and end each, with the CPU of every process in its row', async (t) => {
  const { instance, meshes, signal } = await openMeshes(t);
  const mesh = await meshes.with({ ...usual, stack: 'bare' });
  const { parts } = await mesh.status();
  assert.deepEqual(
    parts.map(({ kind }) => kind).filter((kind) => kind !== 'app' && kind !== 'server'),
    [],
  );
  const run = await measure({ ...fewOrders, mesh, signal });
  assert.ok(run.accepted > 0);
  assert.equal(run.fault, undefined, 'each order took its stock once');
  assert.ok((run.cpu_ms['services'] ?? 0) > 0);
  assert.ok((run.cpu_ms['PostgreSQL'] ?? 0) > 0);
  assert.equal(run.cpu_ms['Envoys'], 0);
  assert.equal(run.cpu_ms['Jaeger'], 0);
  assert.equal(
    rows.reduce((sum, row) => sum + (run.cpu_ms[row] ?? Number.NaN), 0),
    run.machine_ms,
  );
  await assert.rejects(createMeshes([instance], signal), /runs; a measured mesh is started for it alone/);
});

test('a mesh with so many orders in its tables has them before each run, and what it had kept is back afterwards', async (t) => {
  const directory = runDirectory(testInstance('integration'));
  const kept = path.join(directory.path, 'kept');
  await mkdir(directory.path, { recursive: true });
  await writeFile(kept, '');
  const { instance, meshes, signal } = await openMeshes(t);
  const setup: Setup = { ...usual, stack: 'bare', orders: 60 };
  const place = { placement: meshSettings(instance).placement(), directory: directory.path };
  const inTables = () =>
    withTables(place, async (sql) => {
      const [row] = await sql<{ count: number }>('orders', 'select count(*)::integer as count from orders');
      return row?.count;
    });
  const mesh = await meshes.with(setup);
  assert.equal(await inTables(), 60);
  const run = await measure({ ...fewOrders, mesh, signal });
  assert.equal(run.fault, undefined, 'each order took its stock once');
  assert.ok(((await inTables()) ?? 0) > 60);
  await meshes.with(setup);
  assert.equal(await inTables(), 60);
  await meshes.down();
  assert.ok(existsSync(kept));
});
