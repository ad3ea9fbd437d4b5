import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { finder, notLooked } from './found.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Evidence } from './read.ts';
import { auditedInvariants, auditSchema, lastAuditSchema, outcomeOf, reconcile } from './report.ts';
import { empty, evidence, found, noLetters } from './testing/evidence.ts';

function judged(of: Evidence, ledger?: readonly LedgerEntry[]) {
  const verdict = { ...reconcile(of, ledger), waited_ms: 0 };
  const verdicts = Object.fromEntries(verdict.invariants.map((one) => [one.id, one.verdict]));
  return { verdict, verdicts, code: { held: 0, broken: 1, unproven: 3 }[outcomeOf(verdict)] };
}

const right = { I1: 'UNKNOWN', I2: 'OK', I3a: 'OK', I3b: 'OK', I4: 'OK' };
const stuckOne = { pending: { count: 1, young: 0, unexcused: found('order 2') } };

test('what is right is OK, I1 only with a ledger', () => {
  assert.deepEqual(judged(evidence()).verdicts, right);
  assert.equal(judged(evidence()).code, 0);
  const told = judged(evidence(), [
    { key: 'key-1', order_id: null, status: 503 },
    { key: 'key-1', order_id: 1, status: 201 },
    { key: 'other', order_id: null, status: 400 },
  ]);
  assert.deepEqual(told.verdicts, { ...right, I1: 'OK' });
  assert.deepEqual([told.verdict.attempted, told.verdict.acknowledged, told.code], [2, 1, 0]);
});

const broken: readonly [keyof Evidence, string][] = [
  ['keysTwice', 'I2'],
  ['refused', 'I2'],
  ['ofNobody', 'I2'],
  ['notWhole', 'I2'],
  ['twice', 'I2'],
  ['wrongStock', 'I3a'],
  ['oversold', 'I3a'],
  ['unlike', 'I3b'],
];

for (const [part, id] of broken) {
  test(`${part} breaks ${id} and nothing else, settled or not`, () => {
    const { verdict, verdicts, code } = judged(evidence({ [part]: found('this one') }));
    assert.deepEqual(verdicts, { ...right, [id]: 'BROKEN' });
    assert.deepEqual(verdict.invariants.find((one) => one.id === id)?.broken_by, ['this one']);
    assert.equal(code, 1);
    assert.equal(judged(evidence({ [part]: found('this one'), unacked: 1 })).code, 1);
  });

  test(`${part} unread makes ${id} unknown, and that proves nothing`, () => {
    const { verdict, verdicts, code } = judged(evidence({ [part]: notLooked('x_db cannot be read') }));
    assert.deepEqual(verdicts, { ...right, [id]: 'UNKNOWN' });
    assert.deepEqual([verdict.unread, code], [['x_db cannot be read'], 3]);
  });
}

test('what is lost breaks I1; it is unknown where orders could not be read', () => {
  const ledger = [{ key: 'k', order_id: 9, status: 201 }];
  const lost = judged(evidence({ lost: found('order 9 (key k)') }), ledger);
  assert.deepEqual([lost.verdicts, lost.verdict.lost, lost.code], [{ ...right, I1: 'BROKEN' }, 1, 1]);
  const unread = judged(evidence({ lost: notLooked('orders_db cannot be read') }), ledger);
  assert.deepEqual([unread.verdicts['I1'], unread.verdict.lost, unread.code], ['UNKNOWN', null, 3]);
});

test('an order that waits for nothing breaks I4, and so does an event that was set aside', () => {
  const stuck = judged(evidence(stuckOne));
  assert.deepEqual([stuck.verdicts, stuck.verdict.stuck, stuck.code], [{ ...right, I4: 'BROKEN' }, 1, 1]);
  const aside = { waiting: 0, setAside: found('too long'), setAsideOrders: [2] };
  const kept = judged(evidence({ outboxes: [aside, empty] }));
  assert.deepEqual([kept.verdicts, kept.verdict.left_in_outbox], [{ ...right, I4: 'BROKEN' }, 1]);
});

const unsettled: readonly [string, Partial<Evidence>, RegExp][] = [
  ['in the outbox of orders', { outboxes: [{ ...empty, waiting: 1 }, empty] }, /outboxes/],
  ['in the outbox of products', { outboxes: [empty, { ...empty, waiting: 1 }] }, /outboxes/],
  ['in a queue', { depths: [{ queue: 'products.orders', ready: 1 }] }, /queues/],
  ['in the hands of a consumer', { unacked: 1 }, /being consumed/],
  ['still being placed', { pending: { count: 1, young: 1, unexcused: found('order 2') } }, /being placed/],
  ['behind a broker that is unavailable', { depths: [{ unread: 'RabbitMQ is down' }] }, /down/],
  ['behind an outbox that was not read', { outboxes: [empty, { unread: 'products_db is down' }] }, /down/],
  ['behind dead letters that were not read', { deadLetters: [{ unread: 'x.dlq is down' }] }, /down/],
  ['behind pending orders that were not read', { pending: { unread: 'orders_db is down' } }, /down/],
];

for (const [what, changes, why] of unsettled) {
  test(`not settled while something is ${what}: nothing is called broken, nothing proved`, () => {
    const { verdict, verdicts, code } = judged(evidence({ ...stuckOne, ...changes }));
    assert.deepEqual(verdicts, { ...right, I3b: 'UNKNOWN', I4: 'UNKNOWN' });
    assert.match(verdict.invariants.map((one) => one.why).join('; '), why);
    assert.deepEqual([verdict.settled, verdict.stuck, code], [false, null, 3]);
  });
}

test('what was not read is no zero', () => {
  const { verdict } = judged(
    evidence({
      orders: { unread: 'orders_db is down' },
      outboxes: [{ unread: 'orders_db is down' }, empty],
      deadLetters: [noLetters, { unread: 'orders.stock.dlq is down' }],
      twice: notLooked('products_db is down'),
    }),
  );
  const { total } = verdict.orders;
  assert.deepEqual(
    [total, verdict.left_in_outbox, verdict.in_dlq, verdict.doubled, verdict.oversold],
    [null, null, null, null, 0],
  );
});

test('names are bounded, counts are not', () => {
  const many = finder();
  for (let id = 1; id <= 1000; id += 1) many.add(`order ${id}`);
  const { verdict } = judged(evidence({ ...stuckOne, unlike: many.found() }));
  const [unlike] = verdict.invariants.filter(({ id }) => id === 'I3b');
  assert.deepEqual([unlike?.broken_count, unlike?.broken_by.length], [1000, 100]);
});

/** A letter that says enough. */
const letter = {
  id: 'one',
  queue: 'products.orders',
  type: 'ORDER_CREATED',
  order_id: 7,
  reason: 'too long',
  trace_id: null,
  published_at: null,
};

test('all that is counted and named stands in the answer, each under its name', () => {
  const { says, ...verdict } = withoutSentences(
    reconcile(
      evidence({
        ...stuckOne,
        lost: found('lost'),
        keysTwice: found('key'),
        twice: found('order taken twice'),
        refused: found('refused'),
        ofNobody: found('of nobody'),
        notWhole: found('not whole'),
        wrongStock: found('wrong stock'),
        oversold: found('oversold'),
        unlike: found('unlike'),
        outboxes: [{ waiting: 0, setAside: found('set aside'), setAsideOrders: [2] }, empty],
        deadLetters: [
          { ...noLetters, count: 3, letters: [letter] },
          { ...noLetters, count: 2 },
        ],
      }),
      [
        { key: 'one', order_id: 1, status: 201 },
        { key: 'one', order_id: 1, status: 201 },
        { key: 'two', order_id: null, status: 201 },
        { key: 'three', order_id: 3, status: 200 },
      ],
    ),
  );
  assert.deepEqual(says, Object.values(auditedInvariants));
  const broken = (id: string, ...by: string[]) => ({
    ...{ id, verdict: 'BROKEN', why: '', broken_count: by.length },
    broken_by: by,
  });
  assert.deepEqual(verdict, {
    settled: true,
    unread: [],
    orders: { total: 2, pending: 0, confirmed: 1, rejected: 1 },
    attempted: 3,
    acknowledged: 1,
    lost: 1,
    doubled: 2,
    unexpected: 3,
    oversold: 1,
    stuck: 1,
    left_in_outbox: 1,
    in_dlq: 5,
    ids: {
      lost: ['lost'],
      doubled: ['key', 'order taken twice'],
      unexpected: ['refused', 'of nobody', 'not whole'],
      oversold: ['oversold'],
      stuck: ['order 2'],
      set_aside: ['set aside'],
    },
    dead_letters: [letter],
    invariants: [
      broken('I1', 'lost'),
      broken('I2', 'key', 'order taken twice', 'refused', 'of nobody', 'not whole'),
      broken('I3a', 'wrong stock', 'oversold'),
      broken('I3b', 'unlike'),
      broken('I4', 'order 2', 'set aside'),
    ],
  });
});

/** The answer with the sentences of its invariants apart. */
function withoutSentences({ invariants, ...rest }: ReturnType<typeof reconcile>) {
  return {
    ...rest,
    says: invariants.map(({ says }) => says),
    invariants: invariants.map(({ says: _, ...one }) => one),
  };
}

test('without a ledger nothing is said of what was asked, and I1 says what it needs', () => {
  const { attempted, acknowledged, lost, ids, invariants } = reconcile(
    evidence({ lost: found('never') }),
    undefined,
  );
  assert.deepEqual([attempted, acknowledged, lost, ids.lost], [null, null, null, []]);
  const first = invariants.find(({ id }) => id === 'I1');
  assert.deepEqual([first?.verdict, first?.why, first?.broken_by], ['UNKNOWN', 'needs a ledger', []]);
});

test('what is still on its way is counted and named, each once', () => {
  const {
    settled,
    left_in_outbox: left,
    invariants,
  } = reconcile(
    evidence({
      outboxes: [
        { ...empty, waiting: 2 },
        { ...empty, waiting: 1 },
      ],
      depths: [
        { queue: 'products.orders', ready: 3 },
        { queue: 'orders.stock', ready: 1 },
      ],
      unacked: 5,
      pending: { count: 4, young: 1, unexcused: found() },
    }),
    [],
  );
  assert.deepEqual([settled, left], [false, 3]);
  const whys = invariants.map(({ id, why }) => [id, why]);
  const why =
    '3 events wait in the outboxes; 4 events wait in the queues; 5 events are being consumed; orders are still being placed';
  assert.deepEqual(whys, [
    ['I1', ''],
    ['I2', ''],
    ['I3a', ''],
    ['I3b', why],
    ['I4', why],
  ]);
});

test('what was not read is named once, however much depends on it', () => {
  const unread = { unread: 'orders_db is down' };
  const verdict = reconcile(
    evidence({
      orders: unread,
      outboxes: [unread, unread],
      pending: unread,
      lost: notLooked('orders_db is down'),
      keysTwice: notLooked('orders_db is down'),
      unacked: { unread: 'RabbitMQ is down' },
    }),
    [],
  );
  assert.deepEqual(verdict.unread, ['orders_db is down', 'RabbitMQ is down']);
  assert.deepEqual([verdict.settled, verdict.stuck, verdict.left_in_outbox], [false, null, null]);
  assert.deepEqual(verdict.ids.set_aside, []);
});

test('an audit that did not settle, or could not read all, proves nothing, unless something is broken', () => {
  const audit = { ...reconcile(evidence(), []), waited_ms: 0 };
  const [one, ...others] = audit.invariants;
  assert.ok(one !== undefined);
  assert.equal(outcomeOf(audit), 'held');
  assert.equal(outcomeOf({ ...audit, settled: false }), 'unproven');
  assert.equal(outcomeOf({ ...audit, unread: ['x'] }), 'unproven');
  const broken = [{ ...one, verdict: 'BROKEN' as const }, ...others];
  assert.equal(outcomeOf({ ...audit, settled: false, invariants: broken }), 'broken');
});

test('an answer is of its schema, and one that lacks a member or has a wrong one is not', () => {
  const answer = { ...reconcile(evidence({ ...stuckOne, lost: found('one') }), undefined), waited_ms: 7 };
  const unread = { ...reconcile(evidence({ orders: { unread: 'orders_db is down' } }), []), waited_ms: 7 };
  const last = { last: { at: 1, audit: answer } };
  assert.deepEqual(
    new Set(answer.invariants.map(({ verdict }) => verdict)),
    new Set(['OK', 'BROKEN', 'UNKNOWN']),
  );
  for (const right of [answer, unread]) assert.ok(Value.Check(auditSchema, right));
  for (const right of [last, { last: null }]) assert.ok(Value.Check(lastAuditSchema, right));
  const [one] = answer.invariants;
  assert.ok(one !== undefined);
  const without = <T extends object>(whole: T) =>
    Object.keys(whole).map((name) =>
      Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)),
    );
  const wrong: unknown[] = [
    ...without(answer),
    ...without(answer.orders).map((orders) => ({ ...answer, orders })),
    ...without(answer.ids).map((ids) => ({ ...answer, ids })),
    ...without(one).map((invariant) => ({ ...answer, invariants: [invariant] })),
    { ...answer, waited_ms: -1 },
    { ...answer, invariants: [{ ...one, id: '' }] },
    { ...answer, invariants: [{ ...one, verdict: '' }] },
  ];
  for (const each of wrong) assert.equal(Value.Check(auditSchema, each), false, JSON.stringify(each));
  for (const each of [...without(last), ...without(last.last).map((of) => ({ last: of }))])
    assert.equal(Value.Check(lastAuditSchema, each), false);
});

test('each key that was acknowledged counts, what is broken says nothing of what is unknown, and orders are read, too', () => {
  const {
    acknowledged,
    unread,
    invariants,
    dead_letters: letters,
  } = reconcile(
    evidence({
      orders: { unread: 'orders_db is down' },
      lost: { ...found('order 9'), unread: ['users_db is down'] },
      deadLetters: [{ unread: 'x.dlq is down' }, { queue: 'orders.stock', count: 1, letters: undefined }],
    }),
    [
      { key: 'one', order_id: 1, status: 201 },
      { key: 'two', order_id: 2, status: 201 },
    ],
  );
  assert.equal(acknowledged, 2);
  assert.deepEqual(unread, ['users_db is down', 'x.dlq is down', 'orders_db is down']);
  const first = invariants.find(({ id }) => id === 'I1');
  assert.deepEqual([first?.verdict, first?.why], ['BROKEN', '']);
  assert.deepEqual(letters, []);
});
