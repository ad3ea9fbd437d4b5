/** A server waits for the control service only until its passwords are there. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { afterPasswords, secretFile } from './context.ts';

test('a server starts after control while one of its passwords is missing, later by itself', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-passwords-'));
  t.after(() => rm(directory, { recursive: true }));
  const after = () => afterPasswords({ directory }, ['postgres', 'orders']);
  const make = async (name: 'postgres' | 'orders', password = 'secret') => {
    const file = secretFile({ directory }, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, password);
  };
  assert.deepEqual(after(), ['control']);
  await make('postgres');
  assert.deepEqual(after(), ['control'], 'that of orders is missing');
  await make('orders', '');
  assert.deepEqual(after(), ['control'], 'that of orders is empty: control makes it again');
  await make('orders');
  assert.deepEqual(after(), []);
});
