/** The services alone, as `./mesh bench bare` starts them: orders are confirmed, and nothing of the mesh takes part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wipe } from '@microshop/native/supervision/bring-down';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { rows } from '../cpu/table.ts';
import { measure } from '../run/measure.ts';
import { usual } from '../setup.ts';
import { createMeshes } from './measured-mesh.ts';

test('bare services take orders and end each, with the CPU of every process in its row', async (t) => {
  const instance = testInstance('integration');
  process.env['MESH_INSTANCE'] = String(instance);
  const { signal } = new AbortController();
  const meshes = await createMeshes([instance], signal);
  t.after(async () => {
    await meshes.down();
    wipe(runDirectory(instance));
  });
  const mesh = await meshes.with({ ...usual, stack: 'bare' });
  const { parts } = await mesh.status();
  assert.deepEqual(
    parts.map(({ kind }) => kind).filter((kind) => kind !== 'app' && kind !== 'server'),
    [],
  );
  const run = await measure({
    mesh,
    arrivals: { kind: 'closed', clients: 2 },
    products: 2,
    seconds: 1,
    warmUpSeconds: 1,
    traced: false,
    signal,
  });
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
