/** Envoy itself accepts the calls of the mesh as plain configuration, without a warning. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { callEdges, policiesWith } from '@microshop/topology';
import { callConfigs } from './calls.ts';
import { makeCertificates } from './testing/certificates.ts';
import { listAt } from './testing/inspect.ts';
import { validate } from './testing/validate.ts';
import { toYaml } from './write.ts';

const changed = policiesWith([
  {
    edge: { caller: 'orders', callee: 'products' },
    change: { tries: 2, timeout_ms: 2500, retry_on: '5xx', max_requests: 7, ejection_ms: 1000 },
  },
]);

test('Envoy accepts the calls of every caller', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  t.after(() => rm(directory, { recursive: true }));
  await makeCertificates(directory);
  for (const policies of [policiesWith([]), changed]) {
    for (const [caller, config] of callConfigs(policies)) {
      const file = join(directory, `${caller}.yaml`);
      await writeFile(file, toYaml(config));
      const { accepted, text } = await validate(file);
      assert.ok(accepted, `${caller}: ${text}`);
      assert.doesNotMatch(
        text,
        /deprecated|"level":"(warning|error|critical)"|\[(warning|error|critical)\]/i,
      );
    }
  }
});

test('Envoy refuses them when a route leads nowhere', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  t.after(() => rm(directory, { recursive: true }));
  await makeCertificates(directory);
  const file = join(directory, 'orders.yaml');
  const text = toYaml(callConfigs(changed).get('orders') ?? assert.fail('orders calls nobody'));
  assert.ok(text.includes('cluster: products'));
  await writeFile(file, text.replace('cluster: products', 'cluster: produkts'));
  assert.equal((await validate(file)).accepted, false);
});

test('there is a cluster for each call, with the policy in effect', () => {
  const configs = [...callConfigs(changed)];
  const clusters = configs.flatMap(([, config]) => listAt(config, 'static_resources', 'clusters'));
  assert.equal(clusters.length, callEdges.length);
  const text = JSON.stringify(configs);
  assert.match(text, /"max_requests":7/);
  assert.match(text, /"timeout":"2.5s"/);
  assert.match(text, /"base_ejection_time":"1s"/);
});
