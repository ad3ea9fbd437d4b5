/** The script that makes databases and roles in containers, against the real server: passwords of one's own may have any character. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { secretNames } from '@microshop/deploy/consumers';
import { ownSecrets } from '@microshop/deploy/container-paths';
import { postgresInit } from '@microshop/deploy/postgres-init';
import { services } from '@microshop/topology';
import { execa } from 'execa';
import { Client } from 'pg';
import { readSecret } from './context.ts';
import { postgresPart } from './postgres.ts';
import { started, testMesh } from './testing/mesh-directory.ts';

/** What psql, a shell and SQL each read as something else; a file may end with a line feed. */
const hard = `a'b"c\\d\\n$(id)\`id\`:e;f%g@h/i#j k`;

const psql = await execa('psql', ['--version'], { reject: false });
const skip = psql.failed ? 'there is no psql, which the script runs' : false;

test('a password with quotes, backslashes and what a shell would run is that of its role', {
  skip,
}, async (t) => {
  const mesh = await testMesh(t, ['postgres']);
  await started(t, postgresPart(mesh));
  const server = mesh.placement.postgres;
  const password = await readSecret(mesh, 'postgres');
  const superuser = new Client({ ...server, user: 'postgres', database: 'postgres', password });
  await superuser.connect();
  // as the server is before the script runs
  for (const { database } of services) await superuser.query(`DROP DATABASE ${database.name}`);
  for (const role of ['audit', ...services.map(({ name }) => name)]) {
    await superuser.query(`DROP OWNED BY ${role}`);
    await superuser.query(`DROP ROLE ${role}`);
  }
  await superuser.end();
  const secrets = path.join(mesh.directory, "own 'secrets");
  await mkdir(secrets);
  for (const name of secretNames) await writeFile(path.join(secrets, `${name}-password`), `${name}${hard}\n`);
  const script = postgresInit().replaceAll(ownSecrets, secrets);
  await execa('sh', ['-c', script], {
    env: { PGHOST: server.host, PGPORT: String(server.port), PGPASSWORD: password },
  });
  for (const { name, database } of services) {
    const own = { ...server, user: name, database: database.name };
    const client = new Client({ ...own, password: `${name}${hard}` });
    await client.connect();
    await client.end();
    await assert.rejects(new Client({ ...own, password: `${name}x` }).connect(), { code: '28P01' });
  }
});
