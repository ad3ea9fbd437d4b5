/** The pictures of the docs are drawn from what a running mesh really holds. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import { queryRange } from '../../grafana/src/render/prometheus.ts';
import { rangeOf } from '../../grafana/src/render/series.ts';
import { untilShown } from '../harness/command.ts';
import { type CommandResult, mesh } from '../harness/mesh.ts';
import { accepted, newProduct, newUser, placeOrder } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Time from orders to their numbers in Prometheus, milliseconds: pushed every 5 s, scraped every 5 s. */
const seenWithinMs = 60_000;

let user: { id: number };
let product: { id: number };
before(async () => {
  user = await newUser();
  product = await newProduct(1000);
});

const place = () => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });

/** Runs a source of the project; `prometheus` is the port it asks. */
async function run(
  source: string,
  { args = [], input = '', prometheus = new URL(mesh.prometheus).port }: RunOptions,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [path.join(root, source), ...args], {
    env: { ...process.env, MESH_PORT_PROMETHEUS: prometheus },
  });
  child.stdin.end(input);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

interface RunOptions {
  readonly args?: readonly string[];
  readonly input?: string;
  readonly prometheus?: string;
}

/** Draws the row *Orders* of the shop's dashboard: the command's answer, and the picture it wrote. */
async function drawOrders(options: RunOptions): Promise<CommandResult & { readonly svg: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
  try {
    const out = path.join(folder, 'orders.svg');
    const args = ['shop-overview', '--row', 'Orders', '--last', '5m', '--out', out];
    const result = await run('grafana/src/render/main.ts', { ...options, args });
    const svg = result.code === 0 ? readFileSync(out, 'utf8') : '';
    return { ...result, svg };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a dashboard: every panel has its lines, by their names', async () => {
  const svg = await untilShown(
    'every panel of the row has data',
    async () => {
      // a rate begins with the second order
      await accepted(place);
      const drawn = await drawOrders({});
      assert.equal(drawn.code, 0, drawn.stderr);
      return drawn.svg.includes('No data') ? undefined : drawn.svg;
    },
    seenWithinMs,
  );
  for (const name of ['Placed and ended', 'CONFIRMED', 'Time to answer', 'p95', '201']) {
    assert.ok(svg.includes(`>${name}</text>`), `${name} is not in the picture`);
  }
});

test('a Prometheus that is not there is named', async () => {
  const { code, stderr } = await drawOrders({ prometheus: '9' });
  assert.equal(code, 1);
  assert.match(stderr, /^Prometheus does not answer at http:\/\/127\.0\.0\.1:9; is the mesh up\?\n$/);
});

test('a dashboard that is not there is refused, with those that are', async () => {
  const { code, stderr } = await run('grafana/src/render/main.ts', { args: ['shop', '--out', 'shop.svg'] });
  assert.equal(code, 1);
  assert.match(stderr, /^There is no dashboard "shop"; there are: .*\bshop-overview\b.*\n$/);
});

test('a query that Prometheus refuses is named, with its reason', async () => {
  const range = rangeOf(Date.now(), 1, 5);
  await assert.rejects(
    queryRange(mesh.prometheus, 'sum(a', range),
    /Prometheus refused sum\(a: 400 .*unclosed left parenthesis/,
  );
});

test('a trace: every span has a bar, and the verdict is below', async () => {
  const { body: order } = await accepted(place);
  const verdict = await completeTrace(order.id);
  const { code, stdout, stderr } = await run('docs/src/trace-picture/main.ts', {
    input: JSON.stringify(verdict),
  });
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(`>Trace ${verdict.trace_id}</text>`));
  assert.ok(stdout.includes('>complete: one root, no orphan, no hop missing</text>'));
});
