/** Dashboards and Grafana as the chart renders them. Grafana itself is not started here: no registry of packages has it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { podProblems } from './hardening.ts';
import { findHelm } from './helm.ts';
import { reachable } from './reachability.ts';
import { type KubernetesObject, namesOf, objectOf, podTemplates, rendered, those } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const committed = path.join(repositoryRoot, 'grafana/dashboards');
const files = readdirSync(committed);

const configSchema = Type.Object({
  kind: Type.Literal('ConfigMap'),
  metadata: Type.Object({
    name: Type.String(),
    labels: Type.Record(Type.String(), Type.String()),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
  data: Type.Record(Type.String(), Type.String()),
});

/** The ConfigMaps that hold a dashboard. */
function dashboards(objects: readonly KubernetesObject[]) {
  return those(configSchema, objects).filter(({ metadata: { name } }) => name.startsWith('dashboard-'));
}

test('each committed dashboard is a ConfigMap that a sidecar finds', { skip }, async () => {
  assert.ok(helm);
  assert.deepEqual(dashboards(await rendered(helm)), [], 'unless chosen there is none');
  const found = dashboards(await rendered(helm, 'grafana.dashboards.enabled=true'));
  assert.deepEqual(found.flatMap(({ data }) => Object.keys(data)).sort(), files.sort());
  for (const { metadata, data } of found) {
    assert.equal(metadata.labels['grafana_dashboard'], '1');
    for (const [file, text] of Object.entries(data)) {
      assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(path.join(committed, file), 'utf8')), file);
      // the API server takes no more in one object
      assert.ok(text.length < 1_000_000, file);
    }
  }
});

test('a sidecar looks for labels and folders of its own', { skip }, async () => {
  assert.ok(helm);
  const chosen =
    'grafana.dashboards={"enabled":true,"labels":{"team":"shop"},"annotations":{"grafana_folder":"Shop"}}';
  for (const { metadata } of dashboards(await rendered(helm, chosen))) {
    assert.equal(metadata.labels['team'], 'shop');
    assert.equal(metadata.annotations?.['grafana_folder'], 'Shop');
  }
  await assert.rejects(rendered(helm, 'grafana.dashboards.labels={"grafana_dashboard":1}'), /labels/);
  await assert.rejects(rendered(helm, 'grafana.dashboard.enabled=true'), /grafana/);
});

const provisionSchema = Type.Object({
  datasources: Type.Array(Type.Object({ uid: Type.String(), url: Type.String() })),
});
const provisionedSchema = Type.Object({
  volumes: Type.Array(
    Type.Object({
      name: Type.String(),
      configMap: Type.Optional(
        Type.Object({ items: Type.Array(Type.Object({ key: Type.String(), path: Type.String() })) }),
      ),
      projected: Type.Optional(
        Type.Object({
          sources: Type.Array(Type.Object({ configMap: Type.Object({ name: Type.String() }) })),
        }),
      ),
    }),
  ),
  containers: Type.Tuple([
    Type.Object({
      env: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
      volumeMounts: Type.Array(Type.Object({ name: Type.String(), mountPath: Type.String() })),
    }),
  ]),
});

test('Grafana in the chart is provisioned with the dashboards and the servers beside it', {
  skip,
}, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, 'grafana.enabled=true');
  const pod = podTemplates(objects).find(({ name }) => name === 'grafana') ?? assert.fail();
  assert.deepEqual(podProblems(pod), []);
  const { volumes, containers } = Value.Parse(provisionedSchema, pod.spec);
  const [{ env, volumeMounts }] = containers;
  const config = those(configSchema, objects).find(({ metadata }) => metadata.name === 'grafana');
  const items = volumes.find(({ name }) => name === 'provisioning')?.configMap?.items ?? [];
  assert.deepEqual(
    items.map(({ key, path: where }) => [where, key in (config?.data ?? {})]),
    ['datasources', 'dashboards', 'plugins', 'alerting'].map((kind) => [`${kind}/microshop.yaml`, true]),
  );
  const { datasources } = Value.Parse(provisionSchema, parse(config?.data['datasources.yaml'] ?? ''));
  assert.deepEqual(
    datasources.map(({ uid, url }) => [uid, url]),
    [
      ['prometheus', 'http://prometheus:9090'],
      ['jaeger', 'http://jaeger:16686'],
    ],
  );
  // the directory of the provider is the mounted one, and its first page is there
  const mounted = volumeMounts.find(({ name }) => name === 'dashboards')?.mountPath ?? '';
  const [provider] = parse(config?.data['dashboards.yaml'] ?? '').providers;
  assert.equal(provider.options.path, mounted);
  const sources = volumes.find(({ name }) => name === 'dashboards')?.projected?.sources ?? [];
  assert.deepEqual(
    sources.map(({ configMap: { name } }) => name),
    dashboards(objects).map(({ metadata: { name } }) => name),
  );
  const home = env.find(({ name }) => name === 'GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH')?.value ?? '';
  assert.equal(path.dirname(home), mounted);
  assert.ok(files.includes(path.basename(home)));
  assert.ok(dashboards(objects).every(({ metadata }) => !('grafana_dashboard' in metadata.labels)));
});

test('its password is made, and it reaches what it shows and nothing else', { skip }, async () => {
  assert.ok(helm);
  const keys = async (...values: readonly string[]) =>
    Object.keys(
      Value.Parse(
        Type.Object({ data: Type.Record(Type.String(), Type.String()) }),
        objectOf('Secret', 'passwords', await rendered(helm, ...values)),
      ).data,
    );
  assert.ok(!(await keys()).includes('grafana-password'));
  assert.ok((await keys('grafana.enabled=true')).includes('grafana-password'));
  assert.ok(!namesOf('NetworkPolicy', await rendered(helm)).includes('grafana'));
  const ways = reachable(await rendered(helm, 'grafana.enabled=true'));
  assert.deepEqual(
    ways.filter((way) => way.includes('grafana')),
    ['grafana → jaeger:16686', 'grafana → prometheus:9090'],
  );
});
