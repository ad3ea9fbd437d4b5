import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dynamicDirectory, nativePlacement, policiesWith } from '@microshop/topology';
import { parse } from 'yaml';
import { noChanges, splitConfigs, writeDynamic, writeEnvoyConfigs } from './write.ts';

async function temporaryDirectory(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('what is written reads back as what was generated, and nothing unfinished stays', async (t) => {
  const directory = await temporaryDirectory(t);
  const placement = nativePlacement({ instance: 3, env: {}, replicas: { orders: 2 } });
  await writeEnvoyConfigs(placement, directory);
  const bootstraps = await writeEnvoyConfigs(placement, directory);
  const configs = splitConfigs(placement);
  assert.deepEqual(Object.keys(bootstraps).sort(), Object.keys(configs).sort());
  for (const [part, { bootstrap, files }] of Object.entries(configs)) {
    assert.deepEqual(parse(await readFile(join(directory, `${part}.yaml`), 'utf8')), bootstrap, part);
    const watched = join(directory, dynamicDirectory, part);
    assert.deepEqual((await readdir(watched)).sort(), Object.keys(files).sort(), part);
    for (const [name, content] of Object.entries(files)) {
      assert.deepEqual(parse(await readFile(join(watched, name), 'utf8')), content, `${part} ${name}`);
    }
  }
});

test('a changed policy touches routes and clusters of its caller, a fault the runtime keys of its service', async (t) => {
  const directory = await temporaryDirectory(t);
  const placement = nativePlacement({ instance: 3, env: {} });
  const changedSince = async (write: () => Promise<void>): Promise<string[]> => {
    const look = async () => {
      const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.yaml'));
      const inodes = names.map(async (name) => [name, (await stat(join(directory, name))).ino] as const);
      return new Map(await Promise.all(inodes));
    };
    const before = await look();
    await write();
    const now = await look();
    return [...now].filter(([name, inode]) => before.get(name) !== inode).map(([name]) => name);
  };
  await writeDynamic(placement, directory);
  const edge = { caller: 'orders', callee: 'products' } as const;
  const policies = policiesWith([{ edge, change: { tries: 1, max_requests: 50 } }]);
  assert.deepEqual(
    (await changedSince(() => writeDynamic(placement, directory, { policies, faults: [] }))).sort(),
    ['orders-sidecar/clusters.yaml', 'orders-sidecar/routes-outbound.yaml'],
  );
  const fault = {
    service: 'users',
    from: null,
    abort: 503,
    delayMs: null,
    replaceAnswer: false,
    slowAnswer: false,
    replica: null,
    percent: 5,
  } as const;
  assert.deepEqual(
    await changedSince(() => writeDynamic(placement, directory, { policies, faults: [fault] })),
    ['users-sidecar/faults.yaml'],
  );
  assert.deepEqual(
    await changedSince(() => writeDynamic(placement, directory, { policies, faults: [fault] })),
    [],
    'nothing new, nothing touched',
  );
  await writeDynamic(placement, directory, noChanges);
});
