import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRunning, statOf } from '@microshop/native/supervision/proc';
import { send } from '@microshop/native/supervision/process-group';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { runProgram } from './job-process.ts';

/** What a job starts: a supervisor that is on its own, and a part of it with an environment of its own. */
const supervisor = `
  import { spawn } from 'node:child_process';
  import { renameSync, writeFileSync } from 'node:fs';
  const stays = 'setInterval(() => {}, 1000)';
  const part = spawn(process.execPath, ['--eval', stays], { detached: true, env: {}, stdio: 'ignore' });
  writeFileSync('draft', JSON.stringify([process.pid, part.pid]));
  renameSync('draft', 'pids');
  setInterval(() => {}, 1000);`;

/** A job that starts it, and comes to that end. */
const job = (end: string) => `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, ['supervisor.mjs'], { detached: true, stdio: 'ignore' }).unref();
  ${end}`;

/** Sends what a job sends that has passed. */
const sends = `process.send({ passed: 1, failed: 0, skipped: 0, slowest: [], longest: [], failures: [] });`;

/** Runs a job with that end; where that is asked, it is aborted when its two processes are there. How many of them are left. */
async function leftOf(t: TestContext, end: string, abort = false) {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-left-'));
  const pids = path.join(directory, 'pids');
  await writeFile(path.join(directory, 'supervisor.mjs'), supervisor);
  await writeFile(path.join(directory, 'job.mjs'), job(end));
  const ending = new AbortController();
  const running = runProgram({
    args: ['job.mjs'],
    cwd: directory,
    env: process.env,
    output: 'kept',
    signal: ending.signal,
  });
  await eventually('its processes are there', () => existsSync(pids));
  const started: readonly number[] = JSON.parse(readFileSync(pids, 'utf8'));
  t.after(async () => {
    for (const pid of started) send(pid, 'SIGKILL');
    await rm(directory, { recursive: true });
  });
  if (abort) ending.abort();
  const { totals } = await running;
  return {
    failed: totals.failed,
    left: () => started.filter((pid) => isRunning(statOf(pid))).length,
  };
}

const whenThere = `
  import { existsSync } from 'node:fs';
  while (!existsSync('pids')) await new Promise((resolve) => setTimeout(resolve, 10));`;

test('of a job that is killed no process is left, in whatever group and with whatever environment', async (t) => {
  const { failed, left } = await leftOf(t, `${whenThere} process.kill(process.pid, 'SIGKILL');`);
  assert.equal(failed, 1);
  await eventually('the kernel has ended them', () => left() === 0);
});

test('nor of one that is told to end, though it ends well', async (t) => {
  const waits = `process.once('SIGTERM', () => process.exit()); setInterval(() => {}, 1000); ${sends}`;
  const { failed, left } = await leftOf(t, waits, true);
  assert.equal(failed, 0);
  await eventually('the kernel has ended them', () => left() === 0);
});

test('what a job leaves that ends by itself stays, as a mesh that is handed on', async (t) => {
  const { failed, left } = await leftOf(t, `${whenThere} ${sends} process.disconnect();`);
  assert.deepEqual([failed, left()], [0, 2]);
});
