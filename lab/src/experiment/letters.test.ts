/** Dead letters around a run: queues that are declared late, what never comes, and letters of a message nobody has confirmed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lettersBefore, lettersExplained, lettersIn } from './letters.ts';

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
  assert.deepEqual([lettersIn(letters), asked, reasons.length], [0, 3, 1]);
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

const letter = (id: string, order_id: number | null = null) => ({
  ...{ id, order_id, queue: 'orders.stock', type: null },
  ...{ reason: 'poison', trace_id: null, published_at: null },
});
const queueWith = (...letters: readonly ReturnType<typeof letter>[]) => ({
  deadLetters: async () => [...letters],
});

test('a message that was sent without an answer explains one letter that came and names no order, and no other', async () => {
  const control = queueWith(letter('old'), letter('lost', 7), letter('a'), letter('b'));
  const before = new Map([['old', 1]]);
  const explained = (unconfirmed: number) => lettersExplained(before, { unconfirmed, late: [] }, control);
  assert.deepEqual(await explained(1), { letters: 1, late: 0 });
  assert.deepEqual(await explained(3), { letters: 2, late: 0 });
  const nothingAsked = { deadLetters: () => Promise.reject(new Error('asked')) };
  assert.deepEqual(await lettersExplained(before, { unconfirmed: 0, late: [] }, nothingAsked), {
    letters: 0,
    late: 0,
  });
});

test('a message that became a dead letter after its fault explains just that one', async () => {
  const control = queueWith(letter('late'), letter('lost', 7), letter('other'));
  const explained = (late: string[], unconfirmed = 0) =>
    lettersExplained(new Map(), { unconfirmed, late }, control);
  assert.deepEqual(await explained(['late']), { letters: 1, late: 1 });
  assert.deepEqual(await explained(['late'], 1), { letters: 2, late: 1 });
  assert.deepEqual(await explained(['never came']), { letters: 0, late: 0 });
});

test('of letters that share their id those that were there before are told apart by their number', async () => {
  const control = queueWith(letter('same'), letter('same'), letter('same'));
  const before = await lettersBefore(
    queueWith(letter('same'), letter('same')),
    new AbortController().signal,
    () => undefined,
  );
  assert.equal(lettersIn(before), 2);
  assert.deepEqual(await lettersExplained(before, { unconfirmed: 0, late: ['same', 'same'] }, control), {
    letters: 1,
    late: 1,
  });
});
