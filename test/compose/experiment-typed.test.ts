/** `mesh experiment` in a container, as a person without Node types it: one that runs there, and ones that need the native mesh. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { unfolded } from '../harness/command.ts';
import { docker, dockerDone } from '../harness/docker.ts';
import { ofMachine, type Report, short } from '../harness/experiment.ts';
import { clearFaults, wellShop } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';

const typed = (args: readonly string[]) =>
  docker(['compose', 'run', '--rm', '-T', '--no-deps', 'mesh', 'experiment', ...args]);

/** Limits of delay-300 that a machine breaks by being busy. */
const ofSpeed = /^fault\.(?:p95_ms|amplification) is /;

before(async () => {
  await clearFaults();
  await wellShop(100);
});

test('what needs the native mesh is refused before anything begins, with why and what to type there', async () => {
  for (const [args, why, natively] of [
    [['run', 'products-killed'], 'products-killed needs power over products', 'run products-killed'],
    [['run', 'poison', '--mutant'], 'poison --mutant needs products with edited code', 'run poison --mutant'],
    [['compare', 'outlier'], 'outlier needs 3 replicas of products', 'compare outlier'],
  ] as const) {
    const { code, stdout, stderr } = await mesh.cli(['experiment', ...args]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      unfolded(stderr),
      `mesh: ${why}: only the native mesh supports that. Run it beside this one: MESH_INSTANCE=2 ./mesh experiment ${natively} in the checkout`,
    );
  }
});

test('an experiment comes to its verdict, with a witness and every trace whole; its folder can be fetched', async (t) => {
  const { code, stdout, stderr } = await typed(['run', 'delay-300', ...short]);
  const [, fetchIt] = /^fetch +docker (compose cp \S+) \.$/m.exec(stdout) ?? assert.fail(stdout + stderr);
  const into = await mkdtemp(path.join(tmpdir(), 'mesh-fetched-'));
  t.after(() => rm(into, { recursive: true }));
  await dockerDone([...(fetchIt ?? '').split(' '), into]);
  const [folder = ''] = await readdir(into);
  const files = await readdir(path.join(into, folder));
  for (const file of ['report.json', 'experiment.html', 'ledger.jsonl', 'summary.json'])
    assert.ok(files.includes(file), `${file} is not among ${files.join(', ')}`);
  const listed = await (await fetch(new URL('/api/console/experiments?name=delay-300', mesh.control))).text();
  assert.match(listed, new RegExp(folder), 'the console lists it');

  const report: Report = JSON.parse(await readFile(path.join(into, folder, 'report.json'), 'utf8'));
  assert.match(report.witness.saw, /^Envoy counted \d+ delays$/);
  assert.ok((report.phases['fault']?.p50_ms ?? 0) >= 300, 'the fault is in the figures');
  assert.match(report.command, /^docker compose run --rm mesh experiment run delay-300 /);
  if (report.verdict === 'INVALID' && report.reasons.some((reason) => ofMachine.test(reason))) {
    assert.equal(code, 3);
    t.skip(report.reasons.join('; '));
    return;
  }
  // Other groups compute beside this one: answers may be late, and an attempt that is gets another one. Then the verdict must say
  // that, and nothing else. test/e2e/experiment-verdict.test.ts has the machine for itself and asks for PASS.
  const late = report.reasons.filter((reason) => ofSpeed.test(reason));
  assert.deepEqual(
    [report.verdict, report.reasons, code],
    late.length > 0 ? ['FAIL', late, 1] : ['PASS', [], 0],
  );
  assert.ok(report.accepted > 50 && report.traces.complete === report.accepted);
});
