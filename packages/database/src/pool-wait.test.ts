import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { watchPoolWait } from './pool-wait.ts';

test('reports how long the longest waiting query waits, whichever way it asks, and 0 when none waits', async (t) => {
  // accepts connections and never answers: every caller waits
  const sockets: Socket[] = [];
  const silent = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  const pool = new pg.Pool({ host: '127.0.0.1', port: address.port, user: 'nobody', max: 1 });
  const waitMs = watchPoolWait(pool, 'silent');
  assert.equal(waitMs(), 0);

  // what the socket held unread decides which of the two it is
  const broken = /Connection terminated|ECONNRESET/;
  const begun = performance.now();
  const first = assert.rejects(pool.connect(), broken);
  await delay(60);
  const later = performance.now();
  const second = assert.rejects(pool.query('select 1'), broken);
  assert.ok(waitMs() >= 50 && waitMs() <= performance.now() - begun, `${waitMs()} ms`);

  const silence = async (): Promise<void> => {
    while (sockets.length === 0) await delay(5);
    sockets.shift()?.destroy();
  };
  await silence();
  await first;
  // now the second is the one that waits longest, and it came later
  assert.ok(waitMs() <= performance.now() - later, `${waitMs()} ms`);
  await silence();
  await second;
  assert.equal(waitMs(), 0);
  await pool.end();
});
