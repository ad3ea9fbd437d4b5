import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

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
