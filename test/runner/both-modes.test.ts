import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { edgeInContainers, nativeOnly } from './both-modes.ts';

const filesIn = (folder: string) =>
  readdirSync(path.join(repositoryRoot, 'test', folder)).filter((file) => file.endsWith('.test.ts'));

const files = filesIn('e2e');

test('every file that containers leave out is there', () => {
  assert.deepEqual(
    Object.keys(nativeOnly).filter((file) => !files.includes(file)),
    [],
  );
});

test('so is every file about clients that they run', () => {
  const ofEdge = filesIn('edge').map((file) => `test/edge/${file}`);
  assert.ok(edgeInContainers.length > 0);
  assert.deepEqual(
    edgeInContainers.filter((file) => !ofEdge.includes(file)),
    [],
  );
});

/** Files about what a container does otherwise; an order as a whole is looked at in both modes. */
const differing = [
  ['order.test.ts', 'an order from end to end'],
  ['borders.test.ts', 'networks, roles and ports'],
  ['mutual-tls.test.ts', 'certificates in volumes'],
  ['faults.test.ts', 'files that Envoys watch in volumes, and processes that the engine ends'],
  ['policies.test.ts', 'files that apps and Envoys watch in volumes'],
  ['logs.test.ts', 'logs of the engine'],
  ['events.test.ts', 'the version of RabbitMQ'],
  ['broker-trouble.test.ts', 'the version of RabbitMQ'],
  ['cache.test.ts', 'the version of Redis'],
  ['metrics.test.ts', 'the versions of the servers that are scraped'],
  ['dashboards.test.ts', 'the version of Prometheus'],
  ['cold-start.test.ts', 'servers whose names do not resolve'],
  ['load.test.ts', 'k6 in a container'],
] as const;

test('what differs between the modes is run in both', () => {
  assert.deepEqual(
    differing.filter(([file]) => !files.includes(file) || file in nativeOnly),
    [],
  );
});

test('tests that other files are named for are run in containers', () => {
  const ofContainers = filesIn('compose');
  const named = Object.values(nativeOnly).flatMap((reason) => reason.match(/[\w-]+\.test\.ts/g) ?? []);
  assert.ok(named.length > 0);
  for (const file of named) {
    assert.ok(files.includes(file) || ofContainers.includes(file), file);
    assert.ok(!(file in nativeOnly), file);
  }
});
