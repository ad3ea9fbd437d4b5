/** The Envoy of the image, which may be another build than the one native meshes run, and the files it is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerName, docker } from '../harness/docker.ts';

const parts = ['gateway', 'users-sidecar', 'products-sidecar', 'orders-sidecar'];

/** Runs `envoy --mode validate` beside the Envoy of a part, with what that has mounted. */
function validate(part: string, config: string) {
  const envoy = ['envoy', '--mode', 'validate', '--config-path', config];
  return docker(['exec', containerName(part), ...envoy]);
}

test('each Envoy accepts the configuration that is mounted there, without a warning', async () => {
  await Promise.all(
    parts.map(async (part) => {
      const { code, stdout, stderr } = await validate(part, '/etc/envoy/mesh.yaml');
      assert.equal(code, 0, `${part}: ${stderr}`);
      assert.doesNotMatch(`${stdout}${stderr}`, /deprecated|"level":"(warning|error|critical)"/i, part);
    }),
  );
});

test('what is no configuration is refused', async () => {
  const { code } = await validate('gateway', '/etc/envoy/certificates/gateway/trust.yaml');
  assert.notEqual(code, 0);
});
