/** Names and versions that an operator chooses reach Kubernetes as text, also those that YAML would read as a number, or a label cannot have. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { chart, findHelm } from './helm.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const kubernetes = ['--kube-version', '1.34'];
const maps = ['labels', 'matchLabels', 'annotations'];
const names = ['name', 'namespace', 'secretName', 'externalName', 'storageClassName'];

/** Every name and label in what Helm prints, each with where it stands. */
function textsOf(printed: string): (readonly [string, unknown])[] {
  const walk = (value: unknown, at: string, isText: boolean): (readonly [string, unknown])[] => {
    if (typeof value !== 'object' || value === null) return isText ? [[at, value]] : [];
    return Object.entries(value).flatMap(([key, inner]) =>
      walk(inner, `${at}.${key}`, names.includes(key) || maps.some((map) => at.endsWith(`.${map}`))),
    );
  };
  return parseAllDocuments(printed).flatMap((document) => {
    const object: unknown = document.toJS();
    const kind: unknown = document.get('kind');
    return walk(object, String(kind), false);
  });
}

async function template(helmFile: string, release: string, namespace: string, ...words: string[]) {
  const about = ['--namespace', namespace, ...kubernetes];
  return (await execa(helmFile, ['template', release, ...words, ...about])).stdout;
}

test('a release, a namespace, a Secret, a host and a class that are called by a number', {
  skip,
}, async () => {
  assert.ok(helm);
  const chosen = [
    'passwords.existingSecret="42"',
    'external.ca.secret="43"',
    'external.redis.host="1e3"',
    'postgres.volume.storageClass="44"',
    'monitoring.operator="always"',
  ].flatMap((value) => ['--set-json', value]);
  const texts = textsOf(await template(helm, '2026', '7', chart, ...chosen));
  assert.deepEqual(
    texts.filter(([, value]) => typeof value !== 'string'),
    [],
  );
  for (const value of ['2026', '7', '42', '43', '1e3', '44']) {
    assert.ok(
      texts.some(([, text]) => text === value),
      `${value} is nowhere`,
    );
  }
  assert.deepEqual(textsOf('kind: Pod\nmetadata: { name: a, labels: { instance: 2026 } }'), [
    ['Pod.metadata.name', 'a'],
    ['Pod.metadata.labels.instance', 2026],
  ]);
});

test('a chart that was packaged again with metadata of a build in its version', { skip }, async (t) => {
  assert.ok(helm);
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-chart-'));
  t.after(() => rm(directory, { recursive: true }));
  const copy = path.join(directory, 'microshop');
  await cp(chart, copy, { recursive: true });
  const version = '0.1.0+platform.3';
  const versions = ['--version', version, '--app-version', version];
  await execa(helm, ['package', copy, '--destination', directory, ...versions]);
  const texts = textsOf(
    await template(helm, 'shop', 'shop', path.join(directory, `microshop-${version}.tgz`)),
  );
  const labels = texts.filter(([at]) => at.includes('.labels.'));
  assert.ok(labels.some(([, value]) => value === 'microshop-0.1.0_platform.3'));
  // as the API server checks it
  const valid = /^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;
  assert.deepEqual(
    labels.filter(([, value]) => !valid.test(String(value)) || String(value).length > 63),
    [],
  );
});
