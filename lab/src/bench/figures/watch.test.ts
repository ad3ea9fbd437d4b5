import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { watched } from './watch.ts';

test('CPU that this process uses meanwhile is its own, and the rows add up to what the machine used', async () => {
  let asked = false;
  const status = async () => {
    asked = true;
    return { parts: [], supervisor_pid: null };
  };
  const { span, result } = await watched({ name: 'load', busy: true, status }, async () => {
    assert.equal(asked, false, 'the parts are those that run at the end');
    const end = process.cpuUsage().user + 100_000;
    while (process.cpuUsage().user < end);
    await delay(50);
    return 'done';
  });
  assert.equal(result, 'done');
  assert.ok(span.seconds >= 0.14, `${span.seconds} s`);
  assert.ok((span.cpu_ms['client'] ?? 0) >= 80);
  const sum = Object.values(span.cpu_ms).reduce((total, one) => total + one, 0);
  assert.equal(sum, span.machine_ms);
});
