/** What is seen of faults that make something: messages, a sale, a server's state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { certificates } from './certificate-fault.ts';
import { ordersSince, poison, poisonWitness } from './message-faults.ts';
import { impairmentWitness } from './part-faults.ts';
import { saleWitness } from './sale.ts';
import { judgedAnswers, surgeWitness } from './surge.ts';

test('poison has a witness when it was sent; what did not become a dead letter is left', () => {
  assert.deepEqual(poisonWitness(14, 14, undefined), {
    landed: true,
    messages_left: 0,
    messages_unconfirmed: 0,
    saw: '14 messages were sent, 14 of them became dead letters',
  });
  assert.equal(poisonWitness(14, 5, undefined).messages_left, 9);
  assert.equal(poisonWitness(0, 0, undefined).landed, false);
  assert.match(poisonWitness(3, 3, 'no broker').saw, /then none could be sent: no broker$/);
  assert.equal(poisonWitness(3, 3, 'no broker').landed, false);
  assert.equal(poisonWitness(0, 0, 'not confirmed').messages_unconfirmed, 1);
});

test('poison without an id is waited for as often as it was sent: all of it is one letter by its id', async () => {
  const letter = {
    ...{ id: 'sha256:1', queue: 'orders.stock', type: null, order_id: null },
    ...{ reason: 'no id', trace_id: null, published_at: null },
  };
  let sent = 0;
  let polls = 0;
  const dropped: unknown[] = [];
  const end = poison(
    {
      async makeMessage() {
        sent += 1;
        return {
          ...{ queue: letter.queue, consumer: 'orders', type: 'STOCK_RESERVED', message_id: null },
          ...{ order_id: null, order_ended: null, letter_id: letter.id, consuming: true },
        };
      },
      async deadLetters() {
        polls += 1;
        return Array.from({ length: Math.min(polls, sent) }, () => letter);
      },
      async drop(ids) {
        dropped.push(ids);
        return [];
      },
    },
    { kind: 'poison', poison: 'no-id', to: 'orders', every_ms: 200 },
  );
  await eventually('two were sent', async () => (sent >= 2 ? true : undefined));
  const { messages_left: left } = await end.heal();
  assert.deepEqual([left, polls >= 2, dropped], [0, true, [[letter.id]]]);
});

test('poison whose broker is unavailable when it ends is still to come, and so is what could not be removed', async () => {
  const made = {
    ...{ queue: 'orders.stock', consumer: 'orders', type: 'STOCK_RESERVED', message_id: 'one' },
    ...{ order_id: null, order_ended: null, letter_id: 'one', consuming: true },
  } as const;
  const letter = {
    ...{ id: 'one', queue: 'orders.stock', type: null, order_id: null },
    ...{ reason: 'poison', trace_id: null, published_at: null },
  };
  const late = async (deadLetters: () => Promise<(typeof letter)[]>, limitMs: number) => {
    let sent = 0;
    const end = poison(
      {
        async makeMessage() {
          sent += 1;
          return made;
        },
        deadLetters,
        drop: () => Promise.reject(new Error('RabbitMQ is not there')),
      },
      { kind: 'poison', poison: 'not-json', to: 'orders', every_ms: 60_000 },
      limitMs,
    );
    await eventually('one was sent', async () => (sent === 1 ? true : undefined));
    const { landed, messages_left: left, messages_late: ids } = await end.heal();
    return { landed, left, ids };
  };
  const unavailable = () => Promise.reject(new Error('RabbitMQ is not there'));
  assert.deepEqual(await late(unavailable, 20), { landed: true, left: 1, ids: ['one'] });
  assert.deepEqual(await late(async () => [letter], 20), { landed: true, left: 0, ids: ['one'] });
});

test('the orders of a ledger from a time on, without those refused and without a line that is cut off', () => {
  const line = (order_id: number | null, t: number) => JSON.stringify({ key: 'k', order_id, status: 201, t });
  const ledger = `${line(1, 10)}\n${line(2, 20)}\n${line(null, 30)}\n${line(4, 40)}\n{"order_id":5`;
  assert.deepEqual(ordersSince(ledger, 20), [2, 4]);
});

test('a state of a server has a witness when it is in effect and somebody has met it', () => {
  const seen = { in_effect: true, hits: 3, counted: 'transactions were rolled back' };
  assert.deepEqual(impairmentWitness('postgres', 'read-only', seen), {
    landed: true,
    saw: 'postgres said that read-only was in effect, and 3 transactions were rolled back',
  });
  assert.equal(impairmentWitness('postgres', 'read-only', { ...seen, hits: 0 }).landed, false);
  assert.equal(impairmentWitness('postgres', 'read-only', { ...seen, in_effect: false }).landed, false);
  assert.equal(impairmentWitness('postgres', 'read-only', undefined).landed, false);
});

test('certificates have a witness when those that the Envoys had have ended, and there were some', async () => {
  const certificate = {
    ...{ identity: 'orders', spiffe_id: 'spiffe://shop/orders', serial: '1' },
    ...{ not_before: '2026-01-01T00:00:00Z', expires_in_s: 5 },
  };
  const had = (count: number, notAfter: string) => ({
    shortenCertificates: async () =>
      Array.from({ length: count }, () => ({ ...certificate, not_after: notAfter })),
    certificates: async () => [],
  });
  const landed = async (control: ReturnType<typeof had>) => {
    const set = await certificates({ kind: 'certificates', lifetime_s: 5, renewed: true }, 1000, control);
    return (await set.heal()).landed;
  };
  assert.equal(await landed(had(2, '2026-01-01T00:00:00Z')), true);
  assert.equal(await landed(had(2, '9999-01-01T00:00:00Z')), false);
  assert.equal(await landed(had(0, '')), false);
});

test('a sale has a witness when enough buyers came and some of them came too late', () => {
  const answers = [
    ...Array.from({ length: 100 }, () => ({ status: 201 })),
    ...Array.from({ length: 400 }, () => ({ status: 400, code: 'not_enough_stock' })),
  ];
  assert.deepEqual(saleWitness(answers, 500, 100), {
    landed: true,
    sold: 100,
    saw: '500 buyers came, 100 orders were accepted, 400 refused as it was sold out, 100 units sold',
  });
  assert.equal(saleWitness(answers, 600, 100).landed, false);
  assert.equal(saleWitness(answers.slice(0, 100), 100, 100).landed, false);
  assert.equal(saleWitness(answers, 500, undefined).sold, undefined);
});

test('a surge has a witness when its buyers came, each counted once; the last ones may have left no line', () => {
  const sent = (count: number, everyMs: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `buyer ${index}`, t: 1000 + index * everyMs }));
  const repeats = sent(10, 100);
  // the last ones, who came within the gateway's limit before the end at 11 s, were given up
  const answers = [...sent(60, 100), ...repeats];
  assert.deepEqual(surgeWitness(answers, 10, 11_000), {
    landed: true,
    saw: '56 further buyers came in 5.6 s; 70 of their requests were answered',
  });
  assert.equal(surgeWitness(answers, 12, 11_000).landed, false);
  assert.equal(surgeWitness(sent(20, 100), 10, 11_000).landed, false);
  assert.equal(surgeWitness([], 10, 11_000).landed, false);
});

test('of a surge those are judged who came early enough to be answered, with all that they were answered', () => {
  const answer = (key: string, t: number, status = 201) => ({ key, t, status, ms: 10, trace_id: '' });
  const early = [answer('first', 1000, 503), answer('second', 6000)];
  const repeat = answer('first', 8000);
  const late = [answer('third', 7000), answer('third', 8000)];
  assert.deepEqual(judgedAnswers([...early, ...late, repeat], 11_000), [...early, repeat]);
});
