import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { runProgram } from './job-process.ts';
import { type Ended, type Handling, runLanes } from './lanes.ts';
import { single, sum, type Totals } from './totals.ts';

const going = new AbortController().signal;
const totalsOf = (results: readonly { readonly totals: Totals }[]) => {
  const { passed, failed } = sum(results.map(({ totals }) => totals));
  return { passed, failed };
};

test('lanes run at the same time; each takes the next job when its last one has ended', async () => {
  const order: string[] = [];
  const { promise: secondRuns, resolve } = Promise.withResolvers<void>();
  await runLanes(['a', 'c', 'b'], 2, {
    signal: going,
    async run(job) {
      order.push(job);
      // would never end if the second lane waited for the first
      if (job === 'a') await secondRuns;
      if (job === 'c') resolve();
      return { totals: single(true), output: '' };
    },
  });
  assert.deepEqual(order, ['a', 'c', 'b']);
});

test('a lane passes over what may not begin there now, and waits for it', async () => {
  const began: string[] = [];
  const { promise: otherRuns, resolve } = Promise.withResolvers<void>();
  const results = await runLanes(['first', 'apart', 'other'], 2, {
    signal: going,
    mayBegin: (job, running) => job !== 'apart' || running.length === 0,
    began: (job, lane) => began.push(`${job} in ${lane}`),
    async run(job) {
      if (job === 'first') await otherRuns;
      if (job === 'other') resolve();
      return { totals: single(true), output: '' };
    },
  });
  assert.deepEqual(began.slice(0, 2), ['first in 0', 'other in 1']);
  assert.match(began[2] ?? '', /^apart in [01]$/);
  assert.deepEqual(totalsOf(results), { passed: 3, failed: 0 });
});

test('a job that may never begin has failed, and keeps no other from being run', async () => {
  const results = await runLanes(['never', 'well'], 2, {
    signal: going,
    mayBegin: (job) => job !== 'never',
    run: async () => ({ totals: single(true), output: '' }),
  });
  assert.deepEqual(totalsOf(results), { passed: 1, failed: 1 });
  assert.equal(results.at(-1)?.output, 'not run: it may never begin\n');
});

test('a job that fails, and one that throws, fail the run and keep no other from being run', async () => {
  const results = await runLanes(['fails', 'throws', 'after', 'after that'], 2, {
    signal: going,
    async run(job) {
      if (job === 'throws') throw new Error('no room');
      return { totals: single(job !== 'fails'), output: '' };
    },
  });
  assert.deepEqual(totalsOf(results), { passed: 2, failed: 2 });
  assert.equal(results.find(({ job }) => job === 'throws')?.output, 'not run: no room\n');
});

test('once the run is to end no job begins, and none of those counts as passed', async () => {
  const ending = new AbortController();
  const begun: string[] = [];
  const results = await runLanes(['a', 'b', 'c'], 1, {
    signal: ending.signal,
    async run(job) {
      begun.push(job);
      ending.abort(new Error('ended by SIGINT'));
      return { totals: single(true), output: '' };
    },
  });
  assert.deepEqual(begun, ['a']);
  assert.deepEqual(totalsOf(results), { passed: 1, failed: 2 });
  assert.equal(results.at(-1)?.output, 'not run: ended by SIGINT\n');
});

/** Programs of a test, by name, and how lanes run them. */
async function programs(t: TestContext, sources: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-lanes-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, source] of Object.entries(sources)) {
    await writeFile(path.join(directory, `${name}.mjs`), source);
  }
  const handling = (signal = going): Handling<string> => ({
    signal,
    run: (name) =>
      runProgram({ args: [`${name}.mjs`], cwd: directory, env: process.env, output: 'kept', signal }),
  });
  return { directory, handling };
}

const sends = (totals: object) =>
  `process.send(${JSON.stringify({ passed: 0, failed: 0, skipped: 0, slowest: [], longest: [], failures: [], ...totals })});`;
const slowly = (name: string) => `
  for (const line of [1, 2, 3]) {
    console.log('${name} ' + line);
    console.error('${name} error ' + line);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  ${sends({ passed: 3 })}`;

test('what two lanes print at the same time is not mixed', async (t) => {
  const { handling } = await programs(t, { left: slowly('left'), right: slowly('right') });
  const told: Ended<string>[] = [];
  const results = await runLanes(['left', 'right'], 2, { ...handling(), ended: (one) => told.push(one) });
  assert.deepEqual(told, results);
  assert.deepEqual(totalsOf(results), { passed: 6, failed: 0 });
  for (const { job, output } of results) {
    const lines = output.trimEnd().split('\n');
    assert.equal(lines.length, 6);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith(`${job} `)),
      [],
    );
  }
});

test('a lane that crashes is counted as failed, also after it told what passed', async (t) => {
  const { handling } = await programs(t, {
    throws: "throw new Error('no such file')",
    silent: '',
    killed: "process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000));",
    late: `${sends({ passed: 7 })} process.exitCode = 3;`,
    nonsense: "process.send('all well');",
    well: sends({ passed: 1 }),
  });
  const names = ['throws', 'silent', 'killed', 'late', 'nonsense', 'well'];
  const results = await runLanes(names, 5, handling());
  const of = (name: string) => results.find(({ job }) => job === name) ?? assert.fail();
  for (const [name, passed, said] of [
    ['throws', 0, /no such file.*ended with code 1 without a result/s],
    ['silent', 0, /ended without a result/],
    ['killed', 0, /was ended by SIGKILL without a result/],
    ['late', 7, /ended with code 3: counted as failed/],
    ['nonsense', 0, /ended without a result/],
  ] as const) {
    assert.deepEqual([of(name).totals.passed, of(name).totals.failed], [passed, 1], name);
    assert.match(of(name).output, said);
  }
  assert.deepEqual(of('well').totals, {
    passed: 1,
    failed: 0,
    skipped: 0,
    slowest: [],
    longest: [],
    failures: [],
  });
});

test('an end of the run is told to every lane; what they take down first is waited for', async (t) => {
  const untilAsked = (name: string) => `
    import { writeFileSync } from 'node:fs';
    process.once('SIGTERM', () => setTimeout(() => { console.log('taken down'); ${sends({ failed: 1 })} process.exit(); }, 100));
    console.log('up');
    writeFileSync('${name}.up', '');
    setInterval(() => {}, 1000);`;
  const names = ['left', 'right'];
  const { directory, handling } = await programs(
    t,
    Object.fromEntries(names.map((name) => [name, untilAsked(name)])),
  );
  const ending = new AbortController();
  const ran = runLanes(names, names.length, handling(ending.signal));
  await eventually('both are up', () =>
    names.every((name) => existsSync(path.join(directory, `${name}.up`))),
  );
  ending.abort();
  const results = await ran;
  assert.deepEqual(totalsOf(results), { passed: 0, failed: 2 });
  for (const { output } of results) assert.equal(output, 'up\ntaken down\n');
});
