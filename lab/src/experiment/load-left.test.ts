import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { begun, furtherLedgers, ledgerFile } from './load-left.ts';

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-load-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('a load that ends before its first buyer is not waited for; one whose buyer came goes on', async (t) => {
  const ledger = path.join(await directoryOf(t), ledgerFile);
  const ended = new AbortController();
  await assert.rejects(begun(Promise.resolve(1), ledger, ended), /k6 ended before the first buyer came/);
  assert.equal(ended.signal.aborted, true);
  await writeFile(ledger, '{}\n');
  const goesOn = new AbortController();
  await begun(new Promise(() => undefined), ledger, goesOn);
  assert.equal(goesOn.signal.aborted, false);
});

test('the ledgers of further loads are read as far as they are whole; a load that there was not has none', async (t) => {
  const directory = await directoryOf(t);
  assert.deepEqual(await furtherLedgers(directory), { sale: '', surge: '' });
  await mkdir(path.join(directory, 'sale'));
  await writeFile(path.join(directory, 'sale', ledgerFile), '{"key":"a"}\n{"key":"b"');
  assert.deepEqual(await furtherLedgers(directory), { sale: '{"key":"a"}\n', surge: '' });
});
