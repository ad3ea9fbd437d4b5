/**
 * Every operation of each description, by requests that are made up: nothing comes that it does not declare, with the token of an
 * admin and with none, which opens nothing.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { operations, services } from '@microshop/topology';
import { answersIn, failuresIn } from '../harness/exchanges.ts';
import { clearFaults, withFaults } from '../harness/faults.ts';
import { type Fuzzed, fuzz } from '../harness/fuzz.ts';
import { fuzzAgain } from '../harness/fuzz-again.ts';
import { seedOfRun } from '../harness/random.ts';
import { findSchemathesis } from '../harness/schemathesis.ts';
import { operatorToken } from '../harness/sign-in.ts';

const program = await findSchemathesis();
const skip = program === undefined && 'there is no Python with pip';

/** Requests made up for each operation; `MESH_TEST_FUZZ_EXAMPLES=300` for more of them. */
const examples = Number(process.env['MESH_TEST_FUZZ_EXAMPLES'] ?? 10);

const seed = seedOfRun();

let admin: string;
before(async () => {
  admin = await operatorToken();
});
after(clearFaults);

/** Whether an operation did what it was asked, or had before: 409 is an account that is there already. */
const hasSucceeded = (status: number): boolean => (status > 0 && status < 300) || status === 409;

/** Asserts that every answer is as described, and which operations of the service did what they were asked. */
function assertDescribed(t: TestContext, service: string, fuzzed: Fuzzed, open: readonly string[]): void {
  const answers = answersIn(fuzzed.operations, fuzzed.exchanges);
  for (const [operation, statuses] of answers) {
    const counts = [...statuses].map(([status, count]) => `${count} × ${status}`);
    t.diagnostic(`${operation}: ${counts.join(', ')}`);
  }
  assert.equal(fuzzed.findings, '');
  assert.deepEqual(failuresIn(fuzzed.exchanges), []);
  for (const { name, access } of operations.filter((one) => one.service === service)) {
    const statuses = [...(answers.get(name)?.keys() ?? [])];
    assert.notDeepEqual(statuses, [], `${name} was not asked`);
    assert.equal(statuses.some(hasSucceeded), open.includes(access), name);
  }
}

for (const { name: service } of services) {
  let byAdmin: Fuzzed | undefined;

  test(`${service}, asked by an admin: every answer is as described`, { skip }, async (t) => {
    assert.ok(program);
    t.diagnostic(`MESH_SEED=${seed}`);
    byAdmin = await fuzz(program, { service, seed, examples, token: admin });
    assertDescribed(t, service, byAdmin, ['everybody', 'own', 'admin']);
  });

  test(`${service}, asked the same by nobody: every answer is as described`, { skip }, async (t) => {
    assert.ok(byAdmin, 'nothing was asked by an admin');
    assertDescribed(t, service, await fuzzAgain(byAdmin), ['everybody']);
  });
}

const one = { service: 'products', only: 'showProduct', examples: 5, seed } as const;

test('a status and a field that are not declared are found, whoever asks', { skip }, async () => {
  assert.ok(program);
  const first = await fuzz(program, {
    ...one,
    change: ({ paths }) => {
      const responses = paths['/api/products/{id}']?.['get']?.responses ?? {};
      delete responses['400'];
      responses['200'] = {
        description: 'with a color',
        content: { 'application/json': { schema: { type: 'object', required: ['color'] } } },
      };
    },
  });
  assert.match(first.findings, /Undocumented status code/);
  assert.match(first.findings, /color/);
  const { findings } = await fuzzAgain(first);
  assert.match(findings, /400 is not declared/);
  assert.match(findings, /color/);
});

test('a failure that nothing explains is found, though 500 is declared', { skip }, async () => {
  assert.ok(program);
  await withFaults([{ service: 'products', abort: 500 }], async () => {
    const first = await fuzz(program, one);
    for (const { exchanges } of [first, await fuzzAgain(first)]) {
      assert.match(String(failuresIn(exchanges)[0]), /: 500 \{.*"code":"internal"/);
    }
  });
});
