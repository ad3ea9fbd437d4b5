import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { composePlacement, nativePlacement } from '@microshop/topology';
import { parse } from 'yaml';
import { envoyConfigs, toYaml, writeEnvoyConfigs } from './write.ts';

test('what is written reads back as what was generated, and nothing unfinished stays', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  t.after(() => rm(directory, { recursive: true }));
  const placement = nativePlacement({ instance: 3, env: {}, replicas: { orders: 2 } });
  await writeEnvoyConfigs(placement, directory);
  const files = await writeEnvoyConfigs(placement, directory);
  const configs = envoyConfigs(placement);
  assert.deepEqual(Object.keys(files).sort(), Object.keys(configs).sort());
  assert.deepEqual(
    (await readdir(directory)).sort(),
    Object.keys(configs)
      .map((part) => `${part}.yaml`)
      .sort(),
  );
  for (const [part, file] of Object.entries(files)) {
    assert.deepEqual(parse(await readFile(file, 'utf8')), configs[part], part);
  }
});

test('the committed configurations of compose are the generated ones', async () => {
  const directory = fileURLToPath(new URL('../generated/compose', import.meta.url));
  const configs = envoyConfigs(composePlacement());
  assert.deepEqual(
    (await readdir(directory)).sort(),
    Object.keys(configs)
      .map((part) => `${part}.yaml`)
      .sort(),
  );
  for (const [part, config] of Object.entries(configs)) {
    const committed = await readFile(join(directory, `${part}.yaml`), 'utf8');
    assert.equal(committed, toYaml(config), `${part}.yaml is old: npm run generate -w @microshop/envoy`);
  }
});
