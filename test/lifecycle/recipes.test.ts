/** Recipes of CONTRIBUTING.md, followed in a copy of the checkout: with every edit it works, without one what is named fails. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Copy, copyOfCheckout } from '../harness/copy.ts';
import { shared } from '../runner/shared-process.ts';
import { filesNamed, recipesOf } from '../tree/recipes.ts';
import {
  command,
  dashboard,
  event,
  example,
  followed,
  make,
  makeAll,
  policyField,
  replace,
} from './recipe-edits.ts';

/** Time of a command, milliseconds: the compiler on a busy machine takes minutes. */
const timeoutMs = 300_000;

let copy: Copy;
before(async () => {
  copy = await copyOfCheckout();
  await makeAll(copy.directory);
});
after(() => copy.remove());

const inCopy = (file: string) => path.join(copy.directory, file);

/** Runs Node in the copy; its code and what it prints. */
function node(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    // with the variable a test runner in a test runs nothing
    const { NODE_TEST_CONTEXT: _within, ...env } = process.env;
    const options = { cwd: copy.directory, env, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

/** Runs tests of the copy: those that can share a process do, since to load the same modules again takes longer than most of them. */
async function tests(...files: readonly string[]) {
  const those = await shared(files.map(inCopy));
  try {
    return await node('--test', ...those.files);
  } finally {
    await those.remove();
  }
}

const generated = 'deploy/src/files.test.ts';

test('every edit is one of the recipe', async () => {
  const page = await readFile(inCopy('CONTRIBUTING.md'), 'utf8');
  for (const [title, edits] of followed) {
    const subjects = (recipesOf(page).get(title) ?? []).flatMap(({ names }) => names);
    for (const { file } of edits) {
      const named = subjects.some((name) => name.includes('/') && filesNamed(name, [file]).length > 0);
      assert.ok(named, `${title}: ${file}`);
    }
  }
});

test('what follows from the topology is another before it is generated, and right after', async () => {
  const stale = await node(generated);
  assert.equal(stale.code, 1);
  assert.ok(/ENOENT.*grafana\/dashboards\/cache\.json/.test(stale.output), stale.output);
  const written = await node('deploy/src/generate.ts');
  assert.equal(written.code, 0, written.output);
  assert.ok(written.output.includes('wrote grafana/dashboards/cache.json'), written.output);
});

/** What the recipes name as failing without an edit. */
const guards = [
  'packages/topology/src/events.test.ts',
  'packages/topology/src/policy-fields.test.ts',
  'cli/src/travel/complete.test.ts',
  'cli/src/travel/round-trip.test.ts',
  'cli/src/output/help.test.ts',
  'cli/src/mesh/running-mesh.test.ts',
  'cli/src/mesh/in-containers.test.ts',
  'grafana/src/dashboards.test.ts',
  generated,
];

// that everything compiles then is looked at in the copy of new-service.test.ts: the compiler takes half of the time here
test('with all edits the tests that the recipes name pass', async () => {
  const { code, output } = await tests(...guards);
  assert.equal(code, 0, output);
});

for (const [what, edit, guard] of [
  ['the line of the event', event[1], 'packages/topology/src/events.test.ts'],
  ['the row of the policy field', policyField[2], 'packages/topology/src/policy-fields.test.ts'],
  ['the loss of the policy field', policyField[4], 'cli/src/travel/complete.test.ts'],
  ['the value for a new argument', command[3], 'cli/src/mesh/running-mesh.test.ts'],
  ['the command among those in containers', command[4], 'cli/src/mesh/in-containers.test.ts'],
  ['the line of the dashboard', dashboard[2], generated],
] as const) {
  test(`without ${what} ${guard} fails`, async () => {
    assert.ok(edit !== undefined && 'ahead' in edit);
    await replace(copy.directory, edit.file, edit.ahead + edit.of, edit.of);
    const { code, output } = await node(guard);
    await make(copy.directory, edit);
    assert.equal(code, 1, output);
    // a file that cannot be run is no proof
    assert.doesNotMatch(output, /ERR_MODULE_NOT_FOUND|SyntaxError/);
  });
}

test('without the example in its help a command fails cli/src/output/help.test.ts', async () => {
  await replace(copy.directory, 'cli/src/commands/waiting.ts', `    ${example}\n`, '');
  assert.equal((await node('cli/src/output/help.test.ts')).code, 1);
});
