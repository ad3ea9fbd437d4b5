/** Which pods a newer chart replaces: those whose own settings it changes, and no others. */
import assert from 'node:assert/strict';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseAllDocuments } from 'yaml';
import { chart, findHelm } from './helm.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const workload = Type.Object({
  kind: Type.Enum(['Deployment', 'StatefulSet']),
  metadata: Type.Object({ name: Type.String() }),
  spec: Type.Object({ template: Type.Unknown() }),
});

/** The template of each workload's pods, as text by its name; of the broker of three nodes, and with Grafana. */
async function podsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const values = ['--set', 'rabbitmq.replicas=3,grafana.enabled=true'];
  const { stdout } = await execa(helm ?? '', [
    'template',
    'shop',
    folder,
    '--kube-version',
    '1.34',
    ...values,
  ]);
  const objects = parseAllDocuments(stdout).map((document): unknown => document.toJS());
  const workloads = objects.flatMap((object) => (Value.Check(workload, object) ? [object] : []));
  return new Map(workloads.map(({ metadata, spec }) => [metadata.name, JSON.stringify(spec.template)]));
}

async function copyOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-chart-'));
  t.after(() => rm(directory, { recursive: true }));
  await cp(chart, directory, { recursive: true });
  return directory;
}

async function replacedBy(t: TestContext, change: (folder: string) => Promise<void>): Promise<string[]> {
  const before = await podsOf(chart);
  const folder = await copyOf(t);
  await change(folder);
  const after = await podsOf(folder);
  return [...after].filter(([name, pod]) => before.get(name) !== pod).map(([name]) => name);
}

test('a version of the chart alone replaces none', { skip }, async (t) => {
  const replaced = await replacedBy(t, async (folder) => {
    const file = path.join(folder, 'Chart.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^version: .*$/m, 'version: 9.9.9'));
  });
  assert.deepEqual(replaced, []);
});

test('a file that a part reads at its start replaces the pods of that part', { skip }, async (t) => {
  for (const [file, part] of [
    ['envoy/gateway/mesh.yaml', 'gateway'],
    ['envoy/orders-sidecar/mesh.yaml', 'orders'],
    ['redis.conf', 'redis'],
    ['rabbitmq.conf', 'rabbitmq'],
    ['rabbitmq-nodes.conf', 'rabbitmq'],
    ['rabbitmq-nodes-enabled-plugins', 'rabbitmq'],
    ['jaeger.yaml', 'jaeger'],
    ['rules.yaml', 'prometheus'],
    ['grafana/datasources.yaml', 'grafana'],
  ] as const) {
    const change = (folder: string) => appendFile(path.join(folder, 'files', file), '\n# changed\n');
    assert.deepEqual(await replacedBy(t, change), [part], file);
  }
});

test('what PostgreSQL reads once in its life replaces nothing', { skip }, async (t) => {
  const change = (folder: string) => appendFile(path.join(folder, 'files/postgres-init.sh'), '\n# changed\n');
  assert.deepEqual(await replacedBy(t, change), []);
});
