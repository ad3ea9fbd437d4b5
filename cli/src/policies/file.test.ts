import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { callEdges, policyOf, policyValues, topologyPolicies } from '@microshop/topology';
import { UsageError } from '../output/errors.ts';
import { policiesIn, readPolicies } from './read-file.ts';
import { policyFileText, wantedOf } from './write-file.ts';

const answers = callEdges.map((edge) => ({
  ...edge,
  policy: policyValues(policyOf(topologyPolicies, edge)),
  changed: {},
}));

test('what is written is read again, as YAML and as JSON; a call of the gateway has no breaker in it', () => {
  const policies = wantedOf(answers);
  assert.deepEqual(readPolicies(policyFileText(policies), 'mine.yaml'), policies);
  assert.deepEqual(readPolicies(JSON.stringify({ policies }), 'mine.json'), policies);
  const [ofGateway] = policies;
  assert.equal(ofGateway?.caller, 'gateway');
  assert.equal(ofGateway.policy.per_try_timeout_ms, null);
  assert.ok(!Object.keys(ofGateway.policy).some((name) => name.startsWith('breaker_')));
  assert.equal(policies.length, callEdges.length);
});

test('a part of a file is enough', () => {
  const source = 'policies:\n  - {caller: orders, callee: products, policy: {tries: 1}}\n';
  assert.deepEqual(readPolicies(source, 'mine.yaml'), [
    { caller: 'orders', callee: 'products', policy: { tries: 1 } },
  ]);
});

/** A file with one call, whose policy is that. */
const withPolicy = (...lines: readonly string[]) =>
  [
    'policies:',
    '  - caller: orders',
    '    callee: products',
    '    policy:',
    ...lines.map((line) => `      ${line}`),
  ].join('\n');

for (const [what, source, says] of [
  [
    'a field that does not exist',
    withPolicy('tries: 1', 'trys: 2'),
    /^mine\.yaml, line 6: orders → products has no field "trys"; it can have tries, timeout_ms, /,
  ],
  [
    'a number out of range',
    withPolicy('tries: 11'),
    'mine.yaml, line 5: orders → products: tries must be a whole number from 1 to 10, not 11',
  ],
  [
    'a time with a unit',
    withPolicy('tries: 1', 'timeout_ms: 3s'),
    'mine.yaml, line 6: orders → products: timeout_ms must be a whole number of milliseconds from 1 to 600000, not "3s"',
  ],
  ['a list for a number', withPolicy('tries: [1]'), /line 5: .* tries must be .*, not a list or a map$/],
  ['a number for a text', withPolicy('retry_on: 503'), /line 5: .* retry_on must be a text .*, not 503$/],
  ['an empty text', withPolicy("retry_on: ''"), /line 5: .* retry_on must be a text of 1 to 200 /],
  [
    'a breaker of the gateway',
    'policies:\n  - caller: gateway\n    callee: users\n    policy:\n      breaker_capacity: 5\n',
    /^mine\.yaml, line 5: gateway → users has no field "breaker_capacity"; /,
  ],
  [
    'a call that does not exist',
    'policies:\n  - caller: users\n    callee: orders\n    policy: {tries: 1}\n',
    /^mine\.yaml, line 2: The topology has no call users → orders; its calls are /,
  ],
  [
    'a call that stands twice',
    `${withPolicy('tries: 1')}\n${withPolicy('tries: 2').split('\n').slice(1).join('\n')}`,
    'mine.yaml, line 6: orders → products is given twice; leave one out',
  ],
  ['a call without a name', 'policies:\n  - caller: orders\n', /line 2: a call has a caller and a callee/],
  ['a call that is a name', 'policies:\n  - orders\n', /line 2: a call has caller, callee, policy$/],
  [
    'a call without a policy',
    'policies:\n  - {caller: orders, callee: products}\n',
    /line 2: orders → products: policy must have at least one field$/,
  ],
  [
    'a key that does not exist',
    'policies:\n  - caller: orders\n    callee: products\n    retries: 1\n    policy: {tries: 1}\n',
    'mine.yaml, line 4: there is no "retries" here; it can be caller, callee, policy',
  ],
  ['another file', 'services:\n  - orders\n', /^mine\.yaml, line 1: there is no "services" here; .*policies/],
  ['no calls', 'policies: []\n', /line 1: policies must be a list of calls/],
  ['an empty file', '', 'mine.yaml, line 1: a file of policies begins with "policies:"'],
  [
    'a key that stands twice',
    withPolicy('tries: 1', 'tries: 2'),
    /^mine\.yaml, line 6: Map keys must be unique/,
  ],
  ['what is no YAML', 'policies:\n  - {caller: orders\n', /^mine\.yaml, line \d: /],
] as const) {
  test(`${what} is refused, with its line`, () => {
    assert.throws(
      () => readPolicies(source, 'mine.yaml'),
      (error) => {
        assert.ok(error instanceof UsageError);
        if (typeof says === 'string') assert.equal(error.message, says);
        else assert.match(error.message, says);
        return true;
      },
    );
  });
}

test('every mistake has a line', () => {
  assert.throws(() => readPolicies(withPolicy('trys: 1', 'tries: 0'), 'mine.yaml'), {
    message:
      /line 5: .* has no field "trys"[^\n]*\n[^\n]*line 6: .* tries must be a whole number from 1 to 10, not 0$/,
  });
});

test('a file that is no text in UTF-8 is named, with the fix; a mark of the byte order is no mistake', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'policies-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'mine.yaml');
  const source = '\uFEFFpolicies:\n  - {caller: orders, callee: products, policy: {tries: 1}}\n';
  await writeFile(file, source, 'utf16le');
  await assert.rejects(policiesIn(file), {
    name: 'UsageError',
    message: `${file} is no text in UTF-8; one in UTF-16 is converted by iconv -f UTF-16 -t UTF-8`,
  });
  await writeFile(file, source);
  assert.equal((await policiesIn(file))[0]?.policy.tries, 1);
});

test('a file that is not there is named', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'policies-'));
  const file = path.join(folder, 'mine.yaml');
  await assert.rejects(policiesIn(file), { message: `${file} cannot be read: there is no such file` });
  process.env['MESH_MODE'] = 'compose';
  try {
    await assert.rejects(
      policiesIn(file),
      /a container cannot read your files: pass it on standard input, as -$/,
    );
  } finally {
    delete process.env['MESH_MODE'];
    await rm(folder, { recursive: true });
  }
});
