import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { UsageError } from '../output/errors.ts';
import { connect } from './connection.ts';
import { kubeconfig } from './testing/kubeconfig.ts';

/** Has the kubeconfig be that text for the length of a test. */
async function having(t: TestContext, text: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-kubeconfig-'));
  const file = path.join(directory, 'config');
  await writeFile(file, text);
  process.env['KUBECONFIG'] = file;
  t.after(async () => {
    delete process.env['KUBECONFIG'];
    await rm(directory, { recursive: true });
  });
}

const named = (context: string, namespace?: string) => ({ context, namespace });

test('the namespace is the one that was typed, else that of the context, else the usual one', async (t) => {
  await having(t, kubeconfig('http://127.0.0.1:1', ['plain', 'with-shop'], 'shop'));
  assert.equal((await connect(named('with-shop'))).namespace, 'shop');
  assert.equal((await connect(named('with-shop', 'mine'))).namespace, 'mine');
  assert.equal((await connect(named('plain'))).namespace, 'default');
});

test('a context that there is not is wrong usage, and those that there are are named', async (t) => {
  await having(t, kubeconfig('http://127.0.0.1:1', ['plain', 'with-shop'], 'shop'));
  await assert.rejects(
    connect(named('lab')),
    new UsageError('The kubeconfig has no context "lab"; its contexts are plain, with-shop'),
  );
});

test('a kubeconfig that is none is refused, and nothing of it is said', async (t) => {
  const secret = 'token-of-this-test';
  await having(t, `users:\n- user: {token: ${secret}\n  x: [`);
  await assert.rejects(connect(named('lab')), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, 'The kubeconfig of KUBECONFIG cannot be read: it is not a kubeconfig');
    assert.ok(!`${error.stack}`.includes(secret));
    return true;
  });
});

test('a kubeconfig that is not there is named by where it was looked for', async (t) => {
  await having(t, '');
  process.env['KUBECONFIG'] = '/nowhere/config';
  await assert.rejects(
    connect(named('lab')),
    new UsageError('The kubeconfig of KUBECONFIG cannot be read: there is no such file'),
  );
});
