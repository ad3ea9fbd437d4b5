/** Envoy itself accepts every generated configuration, without a warning, and refuses a broken one. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { composePlacement, nativePlacement, type Placement } from '@microshop/topology';
import { BinaryNotFoundError, envoyBinary } from './testing/binaries.ts';
import { makeCertificates } from './testing/certificates.ts';
import { writeEnvoyConfigs } from './write.ts';

const placements: Readonly<Record<string, Placement>> = {
  native: nativePlacement({ instance: 1, env: {} }),
  'native with two of orders': nativePlacement({ instance: 1, env: {}, replicas: { orders: 2 } }),
  compose: composePlacement(),
};

async function validate(file: string): Promise<{ accepted: boolean; text: string }> {
  return await new Promise((resolve) => {
    execFile(
      envoyBinary(),
      ['--mode', 'validate', '--config-path', file],
      { cwd: dirname(file) },
      (error, stdout, stderr) => {
        resolve({ accepted: error === null, text: stdout + stderr });
      },
    );
  });
}

for (const [name, placement] of Object.entries(placements)) {
  test(`Envoy accepts the configurations: ${name}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
    t.after(() => rm(directory, { recursive: true }));
    await makeCertificates(directory);
    const files = await writeEnvoyConfigs(placement, directory);
    assert.deepEqual(Object.keys(files), ['gateway', ...placement.pods.map((pod) => pod.sidecar)]);
    for (const [part, file] of Object.entries(files)) {
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
  const { gateway } = await writeEnvoyConfigs(nativePlacement({ instance: 1, env: {} }), directory);
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
