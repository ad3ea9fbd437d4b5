import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { OrderRow, OutboxRow } from './databases.ts';
import type { LedgerEntry } from './ledger.ts';
import { type Evidence, reconcile } from './reconcile.ts';
import { auditExitCode } from './text.ts';

function order(id: number, fields: Partial<OrderRow> = {}): OrderRow {
  return { id, status: 'CONFIRMED', key: `key-${id}`, user_id: 1, lines: '1:2', ...fields };
}

const waiting: OutboxRow = {
  message_id: 'm',
  type: 'ORDER_CREATED',
  order_id: 2,
  set_aside: false,
  reason: null,
  age_s: 1,
};

const deadLetter: DeadLetter = {
  id: 'm',
  queue: 'products.orders',
  type: 'ORDER_CREATED',
  order_id: 2,
  reason: 'poison',
  trace_id: null,
  published_at: null,
};

/** One confirmed order for 2 of 10, and one rejected; what a case changes is put over it. */
function evidence(
  changes: {
    orders?: readonly OrderRow[];
    sold?: number;
    ordersOutbox?: readonly OutboxRow[];
    stock?: number;
    movements?: number;
    supplied?: number;
    reserved?: readonly { order_id: number; lines: string }[];
    ready?: number;
    deadLetters?: readonly DeadLetter[];
    rest?: Partial<Evidence>;
  } = {},
): Evidence {
  return {
    orders: {
      orders: changes.orders ?? [order(1), order(2, { status: 'REJECTED' })],
      sold: new Map([[1, changes.sold ?? 2]]),
      outbox: changes.ordersOutbox ?? [],
    },
    products: {
      products: [
        {
          id: 1,
          stock: changes.stock ?? 8,
          movements: changes.movements ?? 8,
          supplied: changes.supplied ?? 10,
        },
      ],
      reserved: changes.reserved ?? [{ order_id: 1, lines: '1:2' }],
      outbox: [],
    },
    userIds: new Set([1]),
    broker: { ready: changes.ready ?? 0, deadLetters: changes.deadLetters ?? [] },
    placedMeanwhile: false,
    unacked: 0,
    ledger: undefined,
    ...changes.rest,
  };
}

const pendingSecond = [order(1), order(2, { status: 'PENDING' })];
const ledger = (...entries: [string, number | null, number][]): Partial<Evidence> => ({
  ledger: entries.map(([key, order_id, status]): LedgerEntry => ({ key, order_id, status })),
});

function judged(of: Evidence) {
  const verdict = { ...reconcile(of), waited_ms: 0 };
  const verdicts = Object.fromEntries(verdict.invariants.map((one) => [one.id, one.verdict]));
  return { verdict, verdicts, code: auditExitCode(verdict) };
}

const right = { I1: 'UNKNOWN', I2: 'OK', I3a: 'OK', I3b: 'OK', I4: 'OK' };

test('what is right is OK, I1 only with a ledger', () => {
  assert.deepEqual(judged(evidence()).verdicts, right);
  assert.equal(judged(evidence()).code, 0);
  const told = judged(
    evidence({ rest: ledger(['key-1', null, 503], ['key-1', 1, 201], ['other', null, 400]) }),
  );
  assert.deepEqual(told.verdicts, { ...right, I1: 'OK' });
  assert.deepEqual([told.verdict.attempted, told.verdict.acknowledged, told.code], [2, 1, 0]);
});

const broken: [string, Evidence, Partial<Record<string, string>>, RegExp][] = [
  [
    'an acknowledged order is not there',
    evidence({ rest: ledger(['k', 9, 201]) }),
    { I1: 'BROKEN' },
    /order 9/,
  ],
  ['it is there for another key', evidence({ rest: ledger(['k', 1, 201]) }), { I1: 'BROKEN' }, /key k/],
  [
    'a key was answered two orders',
    evidence({ rest: ledger(['key-1', 1, 201], ['key-1', 2, 201]) }),
    { I1: 'BROKEN', I2: 'BROKEN' },
    /key key-1: orders 1, 2/,
  ],
  [
    'a key has two rows',
    evidence({ orders: [order(1), order(2, { status: 'REJECTED', key: 'key-1' })] }),
    { I2: 'BROKEN' },
    /orders 1, 2/,
  ],
  [
    'a refused key has an order',
    evidence({ rest: ledger(['key-1', null, 400], ['key-1', null, 429]) }),
    { I1: 'OK', I2: 'BROKEN' },
    /was refused/,
  ],
  ['stock is not its movements', evidence({ stock: 9 }), { I3a: 'BROKEN' }, /stock 9, sum of movements 8/],
  ['stock is below zero', evidence({ stock: -1, movements: -1 }), { I3a: 'BROKEN' }, /stock -1/],
  ['more was sold than supplied', evidence({ sold: 11 }), { I3a: 'BROKEN' }, /11 sold, 10 supplied/],
  [
    'stock was taken twice',
    evidence({ reserved: [{ order_id: 1, lines: '1:4' }] }),
    { I2: 'BROKEN', I3b: 'BROKEN' },
    /taken 1:4, not 1:2/,
  ],
  ['a confirmed order took nothing', evidence({ reserved: [] }), { I3b: 'BROKEN' }, /taken none, not 1:2/],
  [
    'a rejected order took stock',
    evidence({
      reserved: [
        { order_id: 1, lines: '1:2' },
        { order_id: 2, lines: '1:2' },
      ],
    }),
    { I3b: 'BROKEN' },
    /order 2 is REJECTED/,
  ],
  [
    'stock was taken for nobody',
    evidence({
      reserved: [
        { order_id: 1, lines: '1:2' },
        { order_id: 7, lines: '1:1' },
      ],
    }),
    { I3b: 'BROKEN' },
    /order 7 does not exist/,
  ],
  ['an order waits for nothing', evidence({ orders: pendingSecond }), { I4: 'BROKEN' }, /order 2/],
  [
    'an event was set aside',
    evidence({ orders: pendingSecond, ordersOutbox: [{ ...waiting, set_aside: true, reason: 'too long' }] }),
    { I4: 'BROKEN' },
    /cannot be published: too long/,
  ],
];

for (const [what, of, expected, by] of broken) {
  test(`broken: ${what}`, () => {
    const { verdict, verdicts, code } = judged(of);
    assert.deepEqual(verdicts, { ...right, ...(of.ledger === undefined ? {} : { I1: 'OK' }), ...expected });
    assert.match(verdict.invariants.flatMap((one) => one.broken_by).join('; '), by);
    assert.equal(code, 1);
  });
}

test('an order whose message lies in a DLQ is neither stuck nor wrong', () => {
  const { verdict, verdicts, code } = judged(evidence({ orders: pendingSecond, deadLetters: [deadLetter] }));
  assert.deepEqual(verdicts, right);
  assert.deepEqual([verdict.in_dlq, verdict.stuck, code], [1, 0, 0]);
});

const unsettled: [string, Evidence, RegExp][] = [
  ['in an outbox', evidence({ orders: pendingSecond, ordersOutbox: [waiting] }), /outboxes/],
  ['in a queue', evidence({ orders: pendingSecond, ready: 1 }), /queues/],
  ['in the hands of a consumer', evidence({ orders: pendingSecond, rest: { unacked: 1 } }), /being consumed/],
  [
    'still being placed',
    evidence({ orders: pendingSecond, rest: { placedMeanwhile: true } }),
    /being placed/,
  ],
  [
    'behind a broker that is away',
    evidence({ orders: pendingSecond, rest: { broker: { unread: 'RabbitMQ is away' } } }),
    /away/,
  ],
];

for (const [what, of, why] of unsettled) {
  test(`not settled while something is ${what}: nothing is called broken, nothing proved`, () => {
    const { verdict, verdicts, code } = judged(of);
    assert.deepEqual(verdicts, { ...right, I3b: 'UNKNOWN', I4: 'UNKNOWN' });
    assert.match(verdict.invariants.map((one) => one.why).join('; '), why);
    assert.deepEqual([verdict.settled, code], [false, 3]);
  });
}

test('an order of a user that does not exist is unexpected', () => {
  const { verdict } = judged(
    evidence({ orders: [order(1, { user_id: 5 }), order(2, { status: 'REJECTED' })] }),
  );
  assert.equal(verdict.unexpected, 1);
});
