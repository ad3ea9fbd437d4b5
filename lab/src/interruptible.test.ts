import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { interruptible } from './interruptible.ts';

const work = fileURLToPath(new URL('./testing/interruptible-work.ts', import.meta.url));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`work that waits for a command is ended in order by ${signal}, also when it comes twice`, async () => {
    const running = execa(process.execPath, [work], { reject: false });
    await once(running.stdout, 'data');
    running.kill(signal);
    await delay(100);
    running.kill(signal);
    const { exitCode, stdout, stderr } = await running;
    assert.deepEqual([exitCode, stdout, stderr], [0, 'works\nTold to end: set back', 'Interrupted']);
  });
}

test('what was ended says why; a failure on the way is not hidden by that', async () => {
  const reason = new Error('Told to end');
  const waits = async (interrupted: AbortSignal) => {
    process.kill(process.pid, 'SIGHUP');
    await delay(30_000, undefined, { signal: interrupted });
  };
  await assert.rejects(interruptible('Interrupted', waits, reason), reason);
  const fails = (interrupted: AbortSignal) =>
    waits(interrupted).catch(() => {
      throw new Error('It does not stop');
    });
  await assert.rejects(interruptible('Interrupted', fails, reason), /It does not stop/);
});
