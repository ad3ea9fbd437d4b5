/** `./mesh experiment search`, and a schedule run from its file: on the real mesh, which they give back as it was. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { ofMachine, type Report } from '../harness/experiment.ts';
import { clearFaults, command, wellShop, wrong } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';

/** The members of a search's report that tests look at. */
interface SearchReport {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly tried: readonly { readonly reasons: readonly string[] }[];
  readonly counts: Readonly<Record<'tried' | 'counted' | 'landed' | 'checked', number>>;
}

/** A schedule's report has a witness for each fault. */
interface ScheduleReport extends Report {
  readonly witness: Report['witness'] & { readonly each: readonly { readonly landed: boolean }[] };
}

before(async () => {
  await clearFaults();
  await wellShop(100);
});

/** Schedules, each with what it is kept for. */
const kept: readonly {
  readonly what: string;
  readonly seconds: number;
  readonly faults: readonly object[];
}[] = [
  {
    what: 'a schedule is run from its file',
    seconds: 2,
    faults: [
      { at_ms: 0, for_ms: 2000, kind: 'calls', service: 'products', from: 'orders', abort: 503, percent: 30 },
      { at_ms: 500, for_ms: 1000, kind: 'pause', part: 'redis' },
    ],
  },
  {
    // found by a search: Envoy counts retries of calls that had no connection, and was said to make five attempts
    what: 'while the sidecar of orders is down the gateway makes no more attempts than it may',
    seconds: 8,
    faults: [{ at_ms: 4000, for_ms: 4000, kind: 'down', part: 'orders-sidecar' }],
  },
];

for (const { what, seconds, faults } of kept) {
  test(`${what}: each fault has its witness, and every invariant holds`, async (t) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'mesh-schedule-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = path.join(directory, 'kept.json');
    await writeFile(file, JSON.stringify({ load: { rate: 10, seconds }, faults }));
    const { code, stdout, stderr } = await mesh.cli(['experiment', 'run', file, '--json']);
    assert.notEqual(stdout, '', stderr);
    const report: ScheduleReport = JSON.parse(stdout);
    assert.deepEqual(
      report.witness.each.map(({ landed }) => landed),
      faults.map(() => true),
      report.witness.saw,
    );
    assert.equal(report.command, `./mesh experiment run ${file}`);
    if (report.verdict === 'INVALID' && report.reasons.some((reason) => ofMachine.test(reason))) {
      assert.equal(code, 3);
      t.skip(report.reasons.join('; '));
      return;
    }
    assert.deepEqual([report.verdict, report.reasons, code], ['PASS', [], 0]);
  });
}

test('a search for 25 s breaks nothing, and says what it tried', async (t) => {
  const { code, stdout, stderr } = await mesh.cli(['experiment', 'search', '--for', '25s', '--json']);
  assert.notEqual(stdout, '', stderr);
  const { verdict, reasons, tried, counts }: SearchReport = JSON.parse(stdout);
  assert.match(stderr, /^Seed \d+: schedules are drawn for 25s$/m);
  assert.match(
    stderr,
    /^\d+ schedules? tried.*, \d+ of \d+ faults? landed, \d+ invariants? checked, \d+s left$/m,
  );
  assert.deepEqual(await wrong(), []);
  await command('audit', '--settle', '10s');
  assert.ok(counts.tried >= 1);
  const ofBusyMachine = (reason: string) => ofMachine.test(reason) || reason.startsWith('in 1 of ');
  if (counts.counted === 0 && tried.every((one) => one.reasons.some(ofBusyMachine))) {
    assert.deepEqual([verdict, code], ['INVALID', 3]);
    t.skip(reasons.join('; '));
    return;
  }
  assert.deepEqual([verdict, reasons, code], ['PASS', [], 0]);
  assert.ok(counts.landed > 0 && counts.checked > 0);
});
