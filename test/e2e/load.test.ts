/** k6 scenarios: what they leave, and how they end. Limits on time are out of reach where a busy machine could meet them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { LedgerLine } from '../harness/buying.ts';
import { type LoadResult, mesh } from '../harness/mesh.ts';
import { completeTrace } from '../harness/traces.ts';

const unhurried = { P95_MS: '60000', P99_MS: '60000' };

/** What is late is sent again with its key: a busy machine refuses some. */
const patient = { ...unhurried, REPEATS: '10', REPEAT_AFTER_MS: '1000' };

function left(result: LoadResult, file: string): string {
  assert.ok(result.directory !== undefined, `no summary: ${result.stdout}${result.stderr}`);
  return readFileSync(path.join(result.directory, file), 'utf8');
}

test('smoke passes, and leaves a ledger of its orders, a summary, and a report that loads nothing', async () => {
  const began = Date.now();
  const result = await mesh.load('smoke', { ...patient, DURATION: '6s' });
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /^verdict +PASS$/m);

  const ledger = left(result, 'ledger.jsonl')
    .trim()
    .split('\n')
    .map((line): LedgerLine => JSON.parse(line));
  // each answer has a line, and the last one of each key is the order
  const ended = [...new Map(ledger.map((line) => [line.key, line])).values()];
  assert.ok(ended.length >= 30, `${ended.length} orders`);
  const rows = await mesh.sql<{ id: number; idempotency_key: string }>(
    'orders_db',
    'select id, idempotency_key from orders where idempotency_key = any($1)',
    [ended.map(({ key }) => key)],
  );
  const ids = new Map(rows.map((row) => [row.idempotency_key, row.id]));
  for (const { key, order_id: id, status } of ended) assert.deepEqual([status, id], [201, ids.get(key)]);
  for (const { trace_id: traceId, t } of ledger) {
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.ok(t >= began && t <= Date.now());
  }
  const [last = assert.fail()] = ended.filter(
    ({ key }) => ledger.filter((line) => line.key === key).length === 1,
  );
  const verdict = await completeTrace(last.order_id ?? assert.fail());
  assert.deepEqual([verdict.trace_id, verdict.missing], [last.trace_id, []]);

  const summary = JSON.parse(left(result, 'summary.json'));
  assert.equal(summary.verdict, 'PASS');
  assert.equal(summary.orders.accepted, ended.length);
  assert.equal(summary.dropped_iterations, 0);
  assert.ok(summary.phases[0].latency.p50_ms > 0);

  const report = left(result, 'report.html');
  assert.ok(report.includes('<title>k6 report</title>'));
  // not assert.match: a failure would print the whole report
  const loads = report.match(
    /(?:src|href)=["']?(?:https?:)?\/\/[^"'\s>]*|url\(["']?(?:https?:)?\/\/[^)]*|@import[^;]*/gi,
  );
  assert.deepEqual(loads ?? [], []);
});

test('a broken threshold is FAIL and told, exit code 1', async () => {
  const result = await mesh.load('smoke', { P95_MS: '1', DURATION: '3s' });
  assert.equal(result.code, 1, result.stderr);
  assert.match(result.stdout, /^threshold +BROKEN .*p\(95\)<=1$/m);
  assert.match(result.stdout, /^verdict +FAIL$/m);
});

test('iterations that k6 dropped make a run INVALID, exit code 3', async () => {
  // one virtual user cannot have a hundred orders under way in a second
  const result = await mesh.load('smoke', { ...unhurried, VUS: '1', RATE: '200', DURATION: '3s' });
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stdout, /^verdict +INVALID$/m);
  assert.match(result.stdout, /^ +k6 dropped \d+ iterations/m);
  assert.ok(JSON.parse(left(result, 'summary.json')).dropped_iterations > 0);
});

for (const [what, scenario, settings, told] of [
  ['an unknown scenario', 'nope', {}, /no scenario "nope".*smoke/s],
  [
    'a setting that is none',
    'smoke',
    { RATE: 'fast' },
    /RATE must be a whole number from 1 to 10000, not "fast"/,
  ],
  ['a wrong duration', 'smoke', { DURATION: '10' }, /DURATION must be like 30s/],
] as const) {
  test(`${what} is wrong usage, exit code 2 and a sentence`, async () => {
    const result = await mesh.load(scenario, settings);
    assert.equal(result.code, 2);
    assert.match(result.stderr, told);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
    assert.equal(result.directory, undefined);
  });
}

test('--json is one document that names report and ledger', { skip: mesh.mode !== 'native' }, async () => {
  const { code, stdout } = await mesh.cli(['load', 'smoke', '--duration', '4s', '--rate', '3', '--json']);
  const summary = JSON.parse(stdout);
  assert.ok(code === 0 || summary.verdict !== 'PASS');
  assert.equal(summary.phases[0].asked_per_s, 3);
  assert.ok(existsSync(summary.report) && existsSync(summary.ledger));
});
