import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from './errors.ts';
import { commandName, refuseInContainers, statusCommand } from './in-containers.ts';

const container = { MESH_MODE: 'compose' };

test('what needs the processes is refused in a container, with what to use instead', () => {
  assert.throws(
    () => refuseInContainers('stop', container),
    (error) => error instanceof UsageError && /docker compose stop <name>/.test(error.message),
  );
  assert.throws(() => refuseInContainers('up', container), /docker compose up -d --wait/);
  assert.throws(
    () => refuseInContainers('process', container),
    /\.\/mesh fault process <name> in the checkout/,
  );
});

test('everything else runs there, and everything runs elsewhere', () => {
  for (const command of ['order', 'trace', 'audit']) refuseInContainers(command, container);
  for (const command of ['up', 'stop', 'order']) refuseInContainers(command, {});
});

test('people are told commands that work where they are', () => {
  assert.equal(commandName(container), 'docker compose run --rm mesh');
  assert.equal(statusCommand(container), 'docker compose ps');
  assert.deepEqual([commandName({}), statusCommand({})], ['./mesh', './mesh status']);
});
