/**
 * Envoy itself accepts every generated configuration, without a warning, and refuses a broken one: the bootstraps, and
 * the whole configurations from which the files it watches are cut (Envoy does not look into those when it validates).
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { composePlacement, kubernetesPlacement, nativePlacement, type Placement } from '@microshop/topology';
import { BinaryNotFoundError, envoyBinary } from './testing/binaries.ts';
import { makeCertificates } from './testing/certificates.ts';
import { validate } from './testing/validate.ts';
import { envoyConfigs, toYaml, writeEnvoyConfigs } from './write.ts';

const placements: Readonly<Record<string, Placement>> = {
  native: nativePlacement({ instance: 1, env: {} }),
  'native with two of orders': nativePlacement({ instance: 1, env: {}, replicas: { orders: 2 } }),
  'native with tokens': nativePlacement({ instance: 1, env: { MESH_EDGE_AUTH: '1' } }),
  'native with pages of other origins': nativePlacement({
    instance: 1,
    env: { MESH_CORS_ORIGINS: 'https://shop.example,http://[::1]:5173' },
  }),
  compose: composePlacement(),
  'compose with tokens': composePlacement({ edgeAuth: true }),
  kubernetes: kubernetesPlacement(),
  'kubernetes with pages of other origins': kubernetesPlacement({ corsOrigins: ['https://shop.example'] }),
};

/** Writes each whole configuration beside the split ones; the file of each part. */
async function writeWhole(placement: Placement, directory: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [part, config] of Object.entries(envoyConfigs(placement))) {
    files[part] = join(directory, `${part}.whole.yaml`);
    await writeFile(files[part], toYaml(config));
  }
  return files;
}

for (const [name, placement] of Object.entries(placements)) {
  test(`Envoy accepts the configurations: ${name}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
    t.after(() => rm(directory, { recursive: true }));
    await makeCertificates(directory);
    const files = await writeEnvoyConfigs(placement, directory);
    assert.deepEqual(Object.keys(files), ['gateway', ...placement.pods.map((pod) => pod.sidecar)]);
    const whole = Object.entries(await writeWhole(placement, directory));
    for (const [part, file] of [...Object.entries(files), ...whole]) {
      const { accepted, text } = await validate(file);
      assert.ok(accepted, `${part}: ${text}`);
      assert.doesNotMatch(text, /deprecated|"level":"(warning|error|critical)"/i, part);
    }
  });
}

test('Envoy refuses a broken configuration', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  t.after(() => rm(directory, { recursive: true }));
  await makeCertificates(directory);
  const { gateway } = await writeWhole(nativePlacement({ instance: 1, env: {} }), directory);
  assert.ok(gateway);
  const text = await readFile(gateway, 'utf8');
  for (const [right, wrong] of [
    ['path_separated_prefix: /api/orders', 'path_separated_prefix: /api/orders/'],
    ['normalize_path: true', 'normalise_path: true'],
    ['cluster: orders', 'cluster: ordres'],
    // no certificate, no start
    ['path: certificates/gateway/identity.yaml', 'path: certificates/nobody/identity.yaml'],
  ] as const) {
    assert.ok(text.includes(right), `${right} is in the configuration`);
    await writeFile(gateway, text.replace(right, wrong));
    assert.equal((await validate(gateway)).accepted, false, wrong);
  }
});

test('says how to get an Envoy where there is none', () => {
  assert.throws(() => envoyBinary({ PATH: '/nonexistent' }), BinaryNotFoundError);
  assert.throws(() => envoyBinary({ MESH_ENVOY_BIN: '/nonexistent/envoy' }), /MESH_ENVOY_BIN/);
});
