import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SecretName } from '@microshop/deploy/consumers';
import { auditRole, services } from '@microshop/topology';
import { Client } from 'pg';
import { dataDirectory, type MeshContext, readSecret } from './context.ts';
import { postgresPart } from './postgres.ts';
import { openPorts, started, testMesh } from './testing/mesh-directory.ts';

/** Names the condition PostgreSQL refuses with. */
const insufficientPrivilege = '42501';

async function connected(
  t: TestContext,
  mesh: MeshContext,
  role: SecretName,
  database: string,
): Promise<Client> {
  const password = await readSecret(mesh, role);
  const client = new Client({ ...mesh.placement.postgres, user: role, database, password });
  client.on('error', () => undefined);
  t.after(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}

test('each role reaches its own database, audit reads all, and nothing is left after the stop', async (t) => {
  const mesh = await testMesh(t, ['postgres']);
  const part = postgresPart(mesh);
  const running = await started(t, part);

  for (const { name, database } of services) {
    const own = await connected(t, mesh, name, database.name);
    await own.query('CREATE TABLE kept (n int)');
    await own.query('INSERT INTO kept VALUES (1)');
    const others = services.filter((other) => other.name !== name).map((other) => other.database.name);
    for (const other of [...others, 'postgres', 'template1']) {
      await assert.rejects(
        connected(t, mesh, name, other),
        { code: insufficientPrivilege },
        `${name} must not connect to ${other}`,
      );
    }
  }

  for (const { database } of services) {
    const audit = await connected(t, mesh, auditRole, database.name);
    assert.equal((await audit.query('SELECT n FROM kept')).rows[0].n, 1);
    // the default is a reminder, the rights are the fence
    await assert.rejects(audit.query('INSERT INTO kept VALUES (2)'), { code: '25006' });
    await audit.query('SET default_transaction_read_only = off');
    for (const statement of ['INSERT INTO kept VALUES (2)', 'DELETE FROM kept', 'CREATE TABLE own (n int)']) {
      await assert.rejects(audit.query(statement), { code: insufficientPrivilege }, statement);
    }
  }
  const wrong = new Client({
    ...mesh.placement.postgres,
    user: 'users',
    database: 'users_db',
    password: 'x',
  });
  await assert.rejects(wrong.connect(), { code: '28P01' });

  // with clients still connected: an ordered stop does not wait for them
  await running.stop();
  assert.deepEqual(await openPorts(part), []);
});

test('a second start keeps data and passwords, also after kill -9 and a pid used again', async (t) => {
  const mesh = await testMesh(t, ['postgres']);
  const part = postgresPart(mesh);
  // what an interrupted first start leaves
  const data = dataDirectory(mesh, 'postgres');
  await mkdir(`${data}.unfinished/base`, { recursive: true });

  const first = await started(t, part);
  const client = await connected(t, mesh, 'orders', 'orders_db');
  await client.query('CREATE TABLE kept AS SELECT 7 AS n');
  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  // the pid file of the killed server now names this test
  await writeFile(path.join(data, 'postmaster.pid'), `${process.pid}\n${data}\n`);

  await started(t, part);
  const again = await connected(t, mesh, 'orders', 'orders_db');
  assert.equal((await again.query('SELECT n FROM kept')).rows[0].n, 7);
});
