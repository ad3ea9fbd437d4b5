/** Dead letters around a run: queues that are declared late, what never comes, and letters of a message nobody has confirmed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lettersBefore, lettersExplained } from './letters.ts';

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

test('a message that was sent without an answer explains one letter that came and names no order, and no other', async () => {
  const letter = (id: string, order_id: number | null) => ({
    ...{ id, order_id, queue: 'orders.stock', type: null },
    ...{ reason: 'poison', trace_id: null, published_at: null },
  });
  const control = {
    deadLetters: async () => [letter('old', null), letter('lost', 7), letter('a', null), letter('b', null)],
  };
  const before = new Set(['old']);
  assert.equal(await lettersExplained(before, 1, control), 1);
  assert.equal(await lettersExplained(before, 3, control), 2);
  const nothingAsked = { deadLetters: () => Promise.reject(new Error('asked')) };
  assert.equal(await lettersExplained(before, 0, nothingAsked), 0);
});
