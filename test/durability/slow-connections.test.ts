/** Connections that a server is slow to open, as one with too little CPU is: queries that meet a free one are not held up by them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';
import { emptyDatabase, openScratch } from '../harness/scratch.ts';

/** A way to the mesh's PostgreSQL on which new connections can be held back. */
async function openWay() {
  let waiting: (() => void)[] | undefined;
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    const begin = (): void => {
      const far = connect(mesh.postgres);
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    };
    if (waiting === undefined) begin();
    else waiting.push(begin);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    host: `127.0.0.1:${address.port}`,
    hold() {
      waiting = [];
    },
    letGo() {
      for (const begin of waiting ?? []) begin();
      waiting = undefined;
    },
    close: () => server.close(),
  };
}

test('a connection that is slow to open counts as a wait only while no other is free', async (t) => {
  const [{ url, drop }, way] = await Promise.all([emptyDatabase(), openWay()]);
  const through = new URL(url);
  through.host = way.host;
  const database = await openScratch(through.href, []);
  t.after(async () => {
    way.letGo();
    await database.close();
    way.close();
    await drop();
  });
  await database.sql.query('select 1');
  way.hold();
  const first = database.sql.query('select pg_sleep(1)');
  // pg opens a second connection for it
  const second = database.sql.query('select 2 as n');
  await eventually('both are in use', () => database.poolWaitMs() > 100);
  await first;
  assert.equal(database.poolWaitMs(), 0);
  assert.deepEqual(await database.sql.query('select 3 as n'), [{ n: 3 }]);
  way.letGo();
  assert.deepEqual(await second, [{ n: 2 }]);
});
