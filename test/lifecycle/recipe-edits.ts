/** The edits that the recipes of CONTRIBUTING.md name, as somebody makes them who follows one. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** An edit: what stands there and what comes before it, or the text of a new file. */
export type Edit = { readonly file: string } & (
  | { readonly text: string }
  | { readonly ahead: string; readonly of: string }
);

/** An event. */
export const event: readonly Edit[] = [
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

/** A field of policies. */
export const policyField: readonly Edit[] = [
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

/** The example in the help of the command. */
export const example = ".addHelpText('after', '\\nExample:\\n  ./mesh waiting orders.stock')";

/** A command. */
export const command: readonly Edit[] = [
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
  { file: 'cli/src/mesh/in-containers.test.ts', ahead: ' waiting', of: " experiment help'.split" },
];

/** A dashboard. */
export const dashboard: readonly Edit[] = [
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

/** The recipes that are followed, by their titles. */
export const followed: ReadonlyMap<string, readonly Edit[]> = new Map([
  ['An event', event],
  ['A policy field', policyField],
  ['A command', command],
  ['A dashboard', dashboard],
]);

/** Makes an edit in that copy of the checkout. */
export async function make(directory: string, edit: Edit): Promise<void> {
  const file = path.join(directory, edit.file);
  if ('text' in edit) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, edit.text);
  } else {
    await replace(directory, edit.file, edit.of, edit.ahead + edit.of);
  }
}

/** Makes every edit of every recipe. */
export async function makeAll(directory: string): Promise<void> {
  for (const edits of followed.values()) for (const edit of edits) await make(directory, edit);
}

/** Replaces a text that stands once in a file of the copy. */
export async function replace(directory: string, file: string, text: string, by: string): Promise<void> {
  const at = path.join(directory, file);
  const before = await readFile(at, 'utf8');
  assert.equal(before.split(text).length, 2, `${file} has once: ${text}`);
  await writeFile(
    at,
    before.replace(text, () => by),
  );
}
