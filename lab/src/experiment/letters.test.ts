/** A run on a mesh that has just been started waits for its queues; what never comes is said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lettersBefore } from './letters.ts';

test('queues that are not declared yet are waited for, which is said once', async () => {
  let asked = 0;
  const control = {
    deadLetters: async () => {
      asked += 1;
      if (asked < 3) throw new Error('orders.stock.dlq cannot be read');
      return [];
    },
  };
  const reasons: unknown[] = [];
  const letters = await lettersBefore(control, new AbortController().signal, (why) => reasons.push(why));
  assert.deepEqual([letters.size, asked, reasons.length], [0, 3, 1]);
});

test('what cannot be read in time is the reason why nothing begins, and a run that is interrupted does not wait', async () => {
  const control = { deadLetters: () => Promise.reject(new Error('RabbitMQ cannot be read')) };
  const quiet = () => undefined;
  await assert.rejects(
    lettersBefore(control, new AbortController().signal, quiet, 0),
    /RabbitMQ cannot be read/,
  );
  await assert.rejects(lettersBefore(control, AbortSignal.abort(), quiet), /RabbitMQ cannot be read/);
});
