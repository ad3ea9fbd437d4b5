import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { bootId } from '../supervision/proc.ts';
import { identify } from '../supervision/process-group.ts';
import { cached } from './cache.ts';

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-cache-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const write = (text: string) => (directory: string) => writeFile(path.join(directory, 'program'), text);

test('many who want an entry make it once and leave only the entry', async (t) => {
  const cache = await temporary(t);
  let made = 0;
  const make = async (directory: string) => {
    made += 1;
    await write('whole')(directory);
  };
  const entries = await Promise.all(Array.from({ length: 8 }, () => cached(cache, 'tool-1', make)));
  assert.deepEqual(new Set(entries), new Set([path.join(cache, 'tool-1')]));
  assert.equal(made, 1);
  assert.deepEqual(await readdir(cache), ['tool-1']);
});

test('an entry that could not be made is not there, and can be made later', async (t) => {
  const cache = await temporary(t);
  const fail = async (directory: string) => {
    await write('half')(directory);
    throw new Error('no network');
  };
  await assert.rejects(cached(cache, 'tool-1', fail), /no network/);
  assert.deepEqual(await readdir(cache), []);
  const entry = await cached(cache, 'tool-1', write('whole'));
  assert.equal(await readFile(path.join(entry, 'program'), 'utf8'), 'whole');
});

test('what a killed run left does not hold anybody up', async (t) => {
  const cache = await temporary(t);
  await mkdir(path.join(cache, '.tool-1.tmp-abc'));
  const own = identify(process.pid);
  const ended = spawnSync('true').pid;
  // its pid is free, or was given to another process, whose start is another
  for (const pid of [ended, process.pid]) {
    const owner = { pid, startTicks: (own?.startTicks ?? 0) + 1, bootId: bootId() };
    await writeFile(path.join(cache, '.tool-1.lock'), JSON.stringify(owner));
    await rm(await cached(cache, 'tool-1', write('whole')), { recursive: true });
    assert.deepEqual(await readdir(cache), []);
  }
});
