/**
 * Every operation of each description, by requests that are made up: nothing comes that it does not declare, with the token of an
 * admin and with none, which opens nothing.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations, services } from '@microshop/topology';
import { clearFaults, withFaults } from '../harness/faults.ts';
import { type Fuzzed, fuzz } from '../harness/fuzz.ts';
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
const hasSucceeded = ({ answers }: Fuzzed, operation: string): boolean =>
  [...(answers.get(operation)?.keys() ?? [])].some((status) => status < 300 || status === 409);

for (const [who, token] of [
  ['an admin', () => admin],
  ['nobody', () => undefined],
] as const) {
  for (const { name: service } of services) {
    test(`${service}, asked by ${who}: every answer is as described`, { skip }, async (t) => {
      assert.ok(program);
      t.diagnostic(`MESH_SEED=${seed}`);
      const shown = token();
      const settings = { service, seed, examples, ...(shown === undefined ? {} : { token: shown }) };
      const fuzzed = await fuzz(program, settings);
      for (const [operation, statuses] of fuzzed.answers) {
        t.diagnostic(
          `${operation}: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
        );
      }
      assert.equal(fuzzed.findings, '');
      assert.deepEqual(fuzzed.failures, []);
      for (const { name, access } of operations.filter((one) => one.service === service)) {
        const isOpen = shown !== undefined || access === 'everybody';
        assert.equal(hasSucceeded(fuzzed, name), isOpen, name);
      }
    });
  }
}

const one = { service: 'products', only: 'showProduct', examples: 5, seed } as const;

test('a status and a field that are not declared are found', { skip }, async () => {
  assert.ok(program);
  const { findings } = await fuzz(program, {
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
  assert.match(findings, /Undocumented status code/);
  assert.match(findings, /color/);
});

test('a failure that nothing explains is found, though 500 is declared', { skip }, async () => {
  assert.ok(program);
  await withFaults([{ service: 'products', abort: 500 }], async () => {
    const { failures } = await fuzz(program, one);
    assert.match(String(failures[0]), /: 500 \{.*"code":"internal"/);
  });
});
