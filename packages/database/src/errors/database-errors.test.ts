import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import pg from 'pg';
import { databaseErrorKind, isTransient } from './database-errors.ts';
import type { ErrorKind } from './kinds.ts';

const withCode = (code: string) => Object.assign(new Error('refused'), { code });

const expected: Readonly<Record<ErrorKind, readonly string[]>> = {
  unavailable: [
    ...['08006', '25006', '25P03', '28000', '28P01', '3D000', '3F000', '42501', '42P01', '53100', '53300'],
    ...[
      '55000',
      '55006',
      '57P01',
      '57P02',
      '57P03',
      '57P04',
      '57P05',
      '58000',
      '58030',
      'XX000',
      'XX001',
      'F0000',
    ],
    ...['ECONNREFUSED', 'ECONNRESET', 'ENETUNREACH', 'EMFILE', 'ENFILE', 'EAI_AGAIN'],
  ],
  contended: ['40001', '40P01', '55P03', '57014', '25P04'],
  input: ['22001', '22003', '22P02', '23505', '23514', '44000', '54000', 'P0001'],
  defect: ['42601', '42804', '0A000', '25P02', '26000', 'P0004'],
};

for (const [kind, codes] of Object.entries(expected)) {
  test(`${kind}: ${codes.join(' ')}`, () => {
    for (const code of codes) {
      assert.equal(databaseErrorKind(withCode(code)), kind, code);
      const wrapped = new Error('wrapped', { cause: withCode(code) });
      assert.equal(databaseErrorKind(wrapped), kind, `caused by ${code}`);
      assert.equal(
        databaseErrorKind(new AggregateError([new Error('no code'), wrapped])),
        kind,
        `one is ${code}`,
      );
      assert.equal(isTransient(wrapped), kind === 'unavailable' || kind === 'contended', code);
    }
  });
}

test('what is no error of the database has no kind', () => {
  for (const error of [
    '57P01',
    undefined,
    new Error('Not a number'),
    withCode(''),
    withCode('ENOENT'),
    withCode('ERR_X'),
    withCode('toString'),
  ]) {
    assert.equal(databaseErrorKind(error), undefined);
  }
});

test('a connection that broke under a statement is the stronger reason; causes in a circle end', () => {
  const broken = Object.assign(withCode('22P02'), { cause: withCode('ECONNRESET') });
  assert.equal(databaseErrorKind(broken), 'unavailable');
  const circle = withCode('40001');
  circle.cause = new Error('outer', { cause: circle });
  assert.equal(databaseErrorKind(circle), 'contended');
});

test('what pg and its pool say without a code', () => {
  for (const message of [
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match',
  ]) {
    assert.equal(databaseErrorKind(new Error(message)), 'unavailable', message);
  }
});

test('what pg really throws counts: the connection is refused, and a server that hangs up', async (t) => {
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
  assert.equal(databaseErrorKind(await connect(address.port)), 'unavailable');
  assert.equal(databaseErrorKind(await connect(1)), 'unavailable');
});
