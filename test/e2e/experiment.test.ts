/** `./mesh experiment run`: what proves nothing says so, and a run that is interrupted gives the mesh back as it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { root, runMesh, unfolded } from '../harness/command.ts';
import { loadHasEnded, type Report, runExperiment, short, shortest } from '../harness/experiment.ts';
import { clearFaults, wellShop } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';

/** What is set on the mesh; reading needs no token. */
async function changed(): Promise<{ policies: number; faults: number }> {
  const read = async (what: string) => await (await fetch(`${mesh.control}/api/${what}`)).text();
  const { policies }: { policies: { changed: object }[] } = JSON.parse(await read('policies'));
  const { faults }: { faults: object[] } = JSON.parse(await read('faults'));
  return {
    policies: policies.filter((one) => Object.keys(one.changed).length > 0).length,
    faults: faults.length,
  };
}

before(async () => {
  await clearFaults();
  await wellShop(100);
});

test('without its fault the same run has no witness: INVALID, exit code 3', async () => {
  const { code, report } = await runExperiment('delay-300', '--without-fault', ...shortest);
  assert.deepEqual([report.verdict, code, report.witness.landed], ['INVALID', 3, false]);
  assert.ok(
    report.reasons.includes('the fault has no witness: it was not applied, as asked (--without-fault)'),
  );
});

test('a load generator that is starved proves nothing: INVALID, exit code 3', async () => {
  // one virtual user waits for each answer, and so sends three slow orders a second in place of ten
  const { code, stdout, stderr } = await runMesh(['experiment', 'run', 'delay-300', ...short, '--json'], {
    VUS: '1',
  });
  assert.equal(code, 3, stderr);
  const report: Report = JSON.parse(stdout);
  assert.equal(report.verdict, 'INVALID');
  assert.ok(
    report.reasons.some((reason) => /^k6 dropped \d+ iterations: it had too few virtual users/.test(reason)),
    report.reasons.join('\n'),
  );
});

test('a series that is interrupted prints what was learnt, and goes on later', async () => {
  const args = ['experiment', 'run', 'delay-300', '--repeat', '2', ...shortest, '--json'];
  const child = spawn('./mesh', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += String(text);
  });
  child.stderr.on('data', (text) => {
    if (/^2 of 2: /m.test(String(text))) child.kill('SIGINT');
  });
  const [code] = await once(child, 'exit');
  assert.equal(code, 3);
  const series: { outcomes: { name: string; round: number }[] } = JSON.parse(printed);
  assert.deepEqual(
    series.outcomes.map(({ name, round }) => [name, round]),
    [['delay-300', 1]],
  );
  const { stderr } = await mesh.cli(['experiment', 'run', '--continue']);
  // a first round that proved nothing is run again as well
  assert.match(stderr, /^(?:1 of 1|2 of 2): delay-300$/m);
  assert.deepEqual(await changed(), { policies: 0, faults: 0 });
});

test('an interrupted run gives the mesh back as it was: INVALID, exit code 3', async () => {
  const child = spawn('./mesh', ['experiment', 'run', 'delay-300', '--mutant'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += String(text);
  });
  const ended = once(child, 'exit');
  await eventually('its policy is in effect', async () =>
    (await changed()).policies === 1 ? true : undefined,
  );
  child.kill('SIGINT');
  const [code] = await ended;
  assert.equal(code, 3, printed);
  assert.match(printed, /^verdict +INVALID\n +the run ended early: it was interrupted$/m);
  const [, file] = /^report +(\S+report\.json)$/m.exec(printed) ?? [];
  assert.ok(file !== undefined && existsSync(path.resolve(file)), printed);
  assert.deepEqual(await changed(), { policies: 0, faults: 0 });
});

test('after kill -9 of the command the load ends, and the control service gives the mesh back as it was', async () => {
  const child = spawn('./mesh', ['experiment', 'run', 'delay-300', '--mutant', '--steady', '1s'], {
    cwd: root,
    stdio: 'ignore',
  });
  await eventually(
    'its policy and its fault are in effect',
    async () => {
      const { policies, faults } = await changed();
      return policies === 1 && faults === 1 ? true : undefined;
    },
    60_000,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  const other = await mesh.cli(['experiment', 'run', 'delay-300']);
  assert.equal(other.code, 3, 'what was left is not run upon');
  await eventually(
    'nothing is changed any more',
    async () => {
      const { policies, faults } = await changed();
      return policies === 0 && faults === 0 ? true : undefined;
    },
    60_000,
  );
  await loadHasEnded();
});

test('an experiment refuses a mesh that is not plain', async () => {
  assert.equal((await mesh.cli(['fault', 'set', 'users', '--delay', '1ms'])).code, 0);
  try {
    const { code, stderr } = await mesh.cli(['experiment', 'run', 'delay-300']);
    assert.equal(code, 3);
    assert.match(unfolded(stderr), /needs a plain mesh\. Here a fault is set; .*mesh fault clear$/);
  } finally {
    await clearFaults();
  }
});
