/** Recipes of CONTRIBUTING.md, followed in a copy of the checkout: with every edit it works, without one what is named fails. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Copy, copyOfCheckout } from '../harness/copy.ts';
import { filesNamed, recipesOf } from '../tree/recipes.ts';

/** Time of a command, milliseconds: the compiler on a busy machine takes minutes. */
const timeoutMs = 300_000;

/** An edit: what stands there and what comes before it, or the text of a new file. */
type Edit = { readonly file: string } & (
  | { readonly text: string }
  | { readonly ahead: string; readonly of: string }
);

const event: readonly Edit[] = [
  {
    file: 'packages/topology/src/event-bodies.ts',
    ahead: '  STOCK_CHANGED: Type.Object({ product_id: id }),\n',
    of: '};\n\n/** Type of an event',
  },
  {
    file: 'packages/topology/src/events.ts',
    ahead:
      "  { type: 'STOCK_CHANGED', from: 'products', to: 'orders', queue: 'orders.stock', inOrder: 'nothing' },\n",
    of: '];\n\n/** Every event; its',
  },
];

const policyField: readonly Edit[] = [
  {
    file: 'packages/topology/src/policies.ts',
    ahead: '    readonly maxConnectionPools: number;\n',
    of: '  };\n  /** When a failing replica',
  },
  {
    file: 'packages/topology/src/policies.ts',
    ahead: ', maxConnectionPools: 64',
    of: ' },\n  outlierDetection',
  },
  {
    file: 'packages/topology/src/policy-fields.ts',
    ahead:
      "  max_connection_pools: count(within('limits', 'maxConnectionPools'), 'max-pools', 'pools of connections'),\n",
    of: '  consecutive_5xx: {',
  },
  {
    file: 'envoy/src/clusters.ts',
    ahead: '    max_connection_pools: limits.maxConnectionPools,\n',
    of: '    retry_budget: {',
  },
  {
    file: 'cli/src/travel/istio.ts',
    ahead: "  max_connection_pools: 'Istio has no word for it.',\n",
    of: '  ejection_ms:\n',
  },
  {
    file: 'cli/src/travel/gateway-api.ts',
    ahead: "  'max_connection_pools',\n",
    of: "  'consecutive_5xx',\n",
  },
];

const example = ".addHelpText('after', '\\nExample:\\n  ./mesh waiting orders.stock')";
const command: readonly Edit[] = [
  {
    file: 'cli/src/commands/waiting.ts',
    text: `/** \`./mesh waiting\`: events that have not left. */
import type { Command } from 'commander';
import { runningControl } from '../mesh/running-mesh.ts';
import { print } from '../output/output.ts';

/** Adds the command to the program. */
export function registerWaiting(program: Command): void {
  program
    .command('waiting')
    .description('events that have not left')
    .argument('<queue>')
    ${example}
    .action(async (queue: string) => {
      const { waiting } = await (await runningControl()).outbox(60_000);
      print(\`\${queue}: \${waiting}\`);
    });
}
`,
  },
  {
    file: 'cli/src/program.ts',
    ahead: "import { registerWaiting } from './commands/waiting.ts';\n",
    of: 'import { becomeLaboratory',
  },
  { file: 'cli/src/program.ts', ahead: '  registerWaiting(program);\n', of: '  registerTools(program);' },
  { file: 'cli/src/testing/commands.ts', ahead: "  queue: 'orders.stock',\n", of: "  'order id'" },
  { file: 'cli/src/mesh/in-containers.test.ts', ahead: ' waiting', of: " help'.split" },
];

const dashboard: readonly Edit[] = [
  {
    file: 'grafana/src/dashboards/cache.ts',
    text: `/** *Processor*: what do the processes use? */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from '../panels/board.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import * as telemetry from '../queries/telemetry.ts';

/** The dashboard. */
export function cache(): Dashboard {
  return board({ uid: 'cache', title: 'Cache', description: 'What do the series take?', variables: [] })
    .withRow(new RowBuilder('Now'))
    .withPanel(
      timeSeries({
        title: 'Series',
        description: 'Series that Prometheus has in memory.',
        unit: units.count,
        queries: [{ expr: telemetry.series, legend: 'series' }],
      }),
    )
    .build();
}
`,
  },
  {
    file: 'grafana/src/dashboards/index.ts',
    ahead: "import { cache } from './cache.ts';\n",
    of: 'import { mesh }',
  },
  { file: 'grafana/src/dashboards/index.ts', ahead: '    cache(),\n', of: '  ].map(numbered)' },
  {
    file: 'grafana/src/check/empty-when-well.ts',
    ahead: "  ['cache / @Faults', noFault],\n",
    of: "  ['telemetry-health / @Faults'",
  },
];

const followed: ReadonlyMap<string, readonly Edit[]> = new Map([
  ['An event', event],
  ['A policy field', policyField],
  ['A command', command],
  ['A dashboard', dashboard],
]);

let copy: Copy;
before(async () => {
  copy = await copyOfCheckout();
  for (const edits of followed.values()) for (const edit of edits) await make(edit);
});
after(() => copy.remove());

const inCopy = (file: string) => path.join(copy.directory, file);

async function make(edit: Edit): Promise<void> {
  const file = inCopy(edit.file);
  if ('text' in edit) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, edit.text);
  } else {
    await replace(edit.file, edit.of, edit.ahead + edit.of);
  }
}

async function replace(file: string, text: string, by: string): Promise<void> {
  const before = await readFile(inCopy(file), 'utf8');
  assert.equal(before.split(text).length, 2, `${file} has once: ${text}`);
  await writeFile(
    inCopy(file),
    before.replace(text, () => by),
  );
}

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

const tests = (...files: readonly string[]) => node('--test', ...files);
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
  const stale = await tests(generated);
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

test('with all edits the tests that the recipes name pass, and everything compiles', async () => {
  const { code, output } = await tests(...guards);
  assert.equal(code, 0, output);
  const types = await node('node_modules/.bin/tsc', '--noEmit');
  assert.equal(types.code, 0, types.output);
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
    await replace(edit.file, edit.ahead + edit.of, edit.of);
    const { code, output } = await tests(guard);
    await make(edit);
    assert.equal(code, 1, output);
    // a file that cannot be run is no proof
    assert.doesNotMatch(output, /ERR_MODULE_NOT_FOUND|SyntaxError/);
  });
}

test('without the example in its help a command fails cli/src/output/help.test.ts', async () => {
  await replace('cli/src/commands/waiting.ts', `    ${example}\n`, '');
  assert.equal((await tests('cli/src/output/help.test.ts')).code, 1);
});
