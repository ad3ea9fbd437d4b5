/** The audit as a command: what it says of what is right, invented, unreadable, and still on its way. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { buy } from '../harness/buyer.ts';
import { type LedgerLine, untilAnswered } from '../harness/buying.ts';
import { unfolded } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser } from '../harness/shop.ts';

const bought: LedgerLine[] = [];
let directory: string;
let user: { id: number };
let product: { id: number };

const order = () =>
  buy(
    { user_id: user.id, product_id: product.id, quantity: 1 },
    { patienceMs: 120_000, again: untilAnswered },
  );

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ledger-'));
  user = await newUser();
  product = await newProduct(100);
  const first = await order();
  await endOf(first.last?.body.id ?? 0);
  bought.push(...first.lines);
});
after(() => rm(directory, { recursive: true }));

async function audit(lines: readonly object[] | string, ...options: readonly string[]) {
  const file = path.join(directory, `${randomUUID()}.jsonl`);
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(file, text);
  return await mesh.cli(['audit', '--ledger', file, ...options]);
}

test('what was acknowledged is there: 0, every invariant OK', async () => {
  const { code, stdout, stderr } = await audit(bought, '--json');
  assert.equal(code, 0, stdout + stderr);
  const answer: { lost: number; invariants: { verdict: string }[] } = JSON.parse(stdout);
  assert.equal(answer.lost, 0);
  assert.ok(answer.invariants.every(({ verdict }) => verdict === 'OK'));
});

test('an invented order in the ledger is lost: 1, by name', async () => {
  const invented = { key: 'invented', order_id: 2_000_000_000, status: 201, trace_id: '', t: 0 };
  const { code, stdout } = await audit([...bought, invented], '--settle', '1s');
  assert.equal(code, 1);
  assert.match(stdout, /I1 +BROKEN/);
  assert.match(stdout, /order 2000000000 \(key invented\)/);
});

test('without a ledger I1 is unknown, which is not a failure', async () => {
  const { code, stdout } = await mesh.cli(['audit']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /I1 +UNKNOWN/);
});

test('a ledger that cannot be read is wrong usage: 2, by line', async () => {
  const bad = await audit('{"key":"a"}\n');
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /line 1/);
  assert.equal((await mesh.cli(['audit', '--ledger', path.join(directory, 'none')])).code, 2);
});

test('what is still on its way proves nothing: 3, and 0 once it has arrived', async () => {
  await mesh.failpoint('orders', 'relay.leased', 'fail');
  const waiting = await order();
  try {
    const { code, stdout } = await audit(waiting.lines, '--settle', '1s');
    assert.equal(code, 3, stdout);
    assert.match(unfolded(stdout), /I4 UNKNOWN .*1 events wait in the outboxes/);
    assert.match(stdout, /I1 +OK/);
  } finally {
    await mesh.failpoint('orders', 'relay.leased', 'off');
  }
  assert.equal((await audit(waiting.lines, '--settle', '30s')).code, 0);
});
