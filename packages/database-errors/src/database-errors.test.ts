import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import pg from 'pg';
import { isDatabaseAway, isTransient } from './database-errors.ts';

const withCode = (code: string) => Object.assign(new Error('refused'), { code });

test('a server that is away is told from a statement that is wrong', () => {
  for (const code of ['ECONNREFUSED', '08006', '53300', '57P01', '57P03', '57014']) {
    assert.ok(isDatabaseAway(withCode(code)), code);
    assert.ok(isDatabaseAway(new Error('wrapped', { cause: withCode(code) })), `caused by ${code}`);
  }
  for (const code of ['23505', '42P01', '22P02', '40001', ''])
    assert.ok(!isDatabaseAway(withCode(code)), code);
  assert.ok(!isDatabaseAway('57P01'));
});

test('transactions that met can be tried again, though the database is there', () => {
  for (const code of ['40001', '40P01', '55P03', '57P01', 'ECONNRESET']) {
    assert.ok(isTransient(new Error('wrapped', { cause: withCode(code) })), code);
  }
  for (const code of ['23505', '42P01', '22P02', '']) assert.ok(!isTransient(withCode(code)), code);
});

test('what pg really throws counts: nobody listens, and a server that hangs up', async (t) => {
  const hangsUp = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => hangsUp.listen(0, '127.0.0.1', resolve));
  const address = hangsUp.address();
  assert.ok(typeof address === 'object' && address !== null);
  t.after(() => hangsUp.close());

  const connect = async (port: number): Promise<unknown> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'x', connectionTimeoutMillis: 2000 });
    return client.connect().then(
      () => assert.fail('connected'),
      (error: unknown) => error,
    );
  };
  assert.ok(isDatabaseAway(await connect(address.port)));
  assert.ok(isDatabaseAway(await connect(1)));
});
