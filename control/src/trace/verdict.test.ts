import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes, type EventRoute, eventRoute, eventRoutes } from '@microshop/topology';
import { Value } from 'typebox/value';
import { expectedHops, hopsOfOrder } from './expected.ts';
import { followLinks } from './jaeger.ts';
import type { Span } from './span.ts';
import { recordedOrder } from './testing/recorded.ts';
import { judgeOrder, judgeTrace, subjectOf, verdictSchema } from './verdict.ts';

/** The trace without the spans that match and all that is below them. */
function without(spans: readonly Span[], matches: (span: Span) => boolean): Span[] {
  const gone = new Set(spans.filter(matches).map((span) => span.span_id));
  for (let size = -1; size !== gone.size; ) {
    size = gone.size;
    for (const span of spans) if (span.parent_id !== null && gone.has(span.parent_id)) gone.add(span.span_id);
  }
  assert.ok(gone.size > 0, 'the recorded trace has no such span');
  return spans.filter((span) => !gone.has(span.span_id));
}

const named = (service: string, name: string) => (span: Span) =>
  span.service === service && span.name === name;

test('a recorded order is complete', () => {
  const verdict = judgeOrder(recordedOrder());
  assert.deepEqual(verdict.missing, []);
  assert.deepEqual([verdict.complete, verdict.roots, verdict.orphans], [true, 1, 0]);
});

const gaps: [string, (span: Span) => boolean, string[]][] = [
  ['no event was published', named('orders', 'publish order.created'), ['orders publishes ORDER_CREATED']],
  [
    'products never processed it',
    named('products', 'process order.created'),
    ['products processes ORDER_CREATED'],
  ],
  [
    'no answer was published',
    named('products', 'publish stock.reserved'),
    ['products publishes STOCK_RESERVED'],
  ],
  [
    'orders never processed the answer',
    named('orders', 'process stock.reserved'),
    ['orders processes STOCK_RESERVED'],
  ],
  [
    "users' sidecar left nothing",
    named('users-sidecar', 'inbound GET /api/users'),
    ['users-sidecar takes GET /api/users'],
  ],
  ['users asked no database', named('users', 'SELECT users_db'), ['users asks users_db']],
  ['no attempt at products', named('orders-sidecar', 'try 1 of products'), ['orders-sidecar tries products']],
  ['no breaker around users', named('orders', 'call users'), ['orders calls users (breaker)']],
  ['the order was not written', named('orders', 'WITH orders_db'), ['orders writes orders_db']],
];

/** Also told: SQL that is there, but not where the work is. */
gaps.push([
  'products changed no stock',
  (span) => span.service === 'products' && /^(WITH|INSERT) products_db$/.test(span.name),
  ['products writes products_db for ORDER_CREATED'],
]);

for (const [what, matches, missing] of gaps) {
  test(`told: ${what}`, () => {
    const verdict = judgeOrder(without(recordedOrder(), matches));
    assert.deepEqual(verdict.missing, missing);
    assert.equal(verdict.complete, false);
  });
}

test('told: nothing at all', () => {
  const verdict = judgeOrder([]);
  assert.deepEqual([verdict.trace_id, verdict.complete, verdict.roots], [null, false, 0]);
  assert.deepEqual(verdict.missing, ['gateway takes POST /api/orders']);
});

test('a span whose parent was lost is an orphan, and what hangs on it is missing', () => {
  const spans = recordedOrder().filter((span) => !named('orders', 'call users')(span));
  const verdict = judgeOrder(spans);
  assert.deepEqual([verdict.complete, verdict.orphans], [false, 1]);
  assert.deepEqual(verdict.missing, ['orders calls users (breaker)']);
});

test('a second root makes any trace incomplete', () => {
  const spans = recordedOrder().map((span) =>
    named('products', 'process order.created')(span) ? { ...span, parent_id: null } : span,
  );
  const verdict = judgeOrder(spans);
  assert.deepEqual([verdict.complete, verdict.roots], [false, 2]);
  assert.equal(judgeTrace(spans).complete, false);
});

test('spans that are each other’s parents are reported, not left out', () => {
  const [root] = recordedOrder();
  assert.ok(root !== undefined);
  const [one, other] = ['c'.repeat(16), 'd'.repeat(16)];
  const spans = [
    ...recordedOrder(),
    { ...root, span_id: one, parent_id: other },
    { ...root, span_id: other, parent_id: one },
  ];
  const verdict = judgeOrder(spans);
  assert.deepEqual([verdict.complete, verdict.orphans], [false, 1]);
  const itself = { ...root, span_id: one, parent_id: one };
  assert.equal(judgeOrder([...recordedOrder(), itself]).complete, false);
  assert.equal(judgeOrder([itself]).complete, false);
});

test('spans that were sent twice count once, and cost no more', () => {
  const twice = [...recordedOrder(), ...recordedOrder()];
  const verdict = judgeOrder(twice);
  assert.deepEqual([verdict.complete, verdict.roots, verdict.orphans], [true, 1, 0]);
  assert.equal(verdict.spans.length, recordedOrder().length);
});

for (const [what, name, missing] of [
  ['the event', 'publish order.created', 'orders publishes ORDER_CREATED'],
  ['the delivery', 'process order.created', 'products processes ORDER_CREATED'],
  ['the answer', 'publish stock.reserved', 'products publishes STOCK_RESERVED'],
] as const) {
  test(`${what} of another order in the trace proves nothing`, () => {
    const spans = recordedOrder().map((span) =>
      span.name === name ? { ...span, attributes: { ...span.attributes, 'order.id': 3 } } : span,
    );
    assert.deepEqual(judgeOrder(spans).missing, [missing]);
  });
}

test('the trace of another order proves nothing', () => {
  assert.ok(judgeOrder(recordedOrder(), 3).missing.length > 0);
});

test('work under the wrong parent is missing where it belongs', () => {
  const recorded = recordedOrder();
  const server = recorded.find((span) => span.service === 'orders' && span.kind === 'server');
  const moved = recorded.map((span) =>
    named('products', 'process order.created')(span) ? { ...span, parent_id: server?.span_id ?? '' } : span,
  );
  assert.deepEqual(judgeOrder(moved).missing, ['products processes ORDER_CREATED']);
});

test('a message that was put back before it took effect is processed more than once: the order is whole', () => {
  const recorded = recordedOrder();
  const taken = recorded.find(named('products', 'process order.created')) ?? assert.fail('it was processed');
  const before = ['1', '2'].map((digit) => ({
    ...taken,
    span_id: digit.repeat(16),
    name: 'process products.orders',
    start_us: taken.start_us - 1000,
  }));
  const { complete, missing } = judgeOrder([...recorded, ...before]);
  assert.deepEqual([complete, missing], [true, []]);
  const never = without(recorded, named('products', 'process order.created'));
  assert.equal(judgeOrder([...never, ...before]).complete, false, 'put back, and lost');
});

test('a span of the right name and another kind is missing', () => {
  const spans = recordedOrder().map(
    (span): Span => (named('orders', 'publish order.created')(span) ? { ...span, kind: 'internal' } : span),
  );
  assert.deepEqual(judgeOrder(spans).missing, ['orders publishes ORDER_CREATED']);
});

/** The recorded order as it would be had products processed it in a batch: the SQL in the batch's own trace. */
function inBatch() {
  const recorded = recordedOrder();
  const process = recorded.find(named('products', 'process order.created'));
  assert.ok(process !== undefined);
  const isSql = (span: Span) => span.parent_id === process.span_id && span.kind === 'client';
  const batch: Span = { ...process, trace_id: 'b'.repeat(32), span_id: 'b'.repeat(16), parent_id: null };
  const sql = recorded
    .filter(isSql)
    .map((span) => ({ ...span, trace_id: batch.trace_id, parent_id: batch.span_id }));
  assert.ok(sql.length > 0);
  return {
    order: {
      spans: recorded.filter((span) => !isSql(span)),
      links: [{ from: process.span_id, toTrace: batch.trace_id, toSpan: batch.span_id }],
    },
    batch: {
      spans: [batch, ...sql],
      links: [{ from: batch.span_id, toTrace: process.trace_id, toSpan: process.span_id }],
    },
  };
}

test('work done in a batch counts where the link to it is', async () => {
  const { order, batch } = inBatch();
  const spans = await followLinks(order, async (id) => (id === 'b'.repeat(32) ? batch : undefined));
  const verdict = judgeOrder(spans);
  assert.deepEqual([verdict.missing, verdict.complete, verdict.roots, verdict.orphans], [[], true, 1, 0]);
});

test('told: the batch a message was processed in has not been seen', async () => {
  const { order } = inBatch();
  const verdict = judgeOrder(await followLinks(order, async () => undefined));
  assert.deepEqual(verdict.missing, ['products writes products_db for ORDER_CREATED']);
});

test('the messages a batch came from are not drawn into its trace', async () => {
  const { batch } = inBatch();
  const spans = await followLinks(batch, () => assert.fail('the link of a root was followed'));
  assert.equal(spans.length, batch.spans.length);
});

/** How an order can end when orders leaves one more event on its way. */
const waysWith = (inOrder: EventRoute['inOrder']) =>
  hopsOfOrder([...eventRoutes, { ...eventRoute('ORDER_CREATED'), routingKey: 'order.noticed', inOrder }]);

test('an event that is no part of an order is missed in none, whether it is there or not', () => {
  const spans = recordedOrder();
  assert.equal(judgeOrder(spans, undefined, waysWith('nothing')).complete, true);
  const published = spans.find(named('orders', 'publish order.created'));
  assert.ok(published !== undefined);
  const noticed: Span = {
    ...published,
    span_id: 'feedfacefeedface',
    name: 'publish order.noticed',
    attributes: { ...published.attributes, [attributes.eventType]: 'ORDER_NOTICED' },
  };
  assert.equal(judgeOrder([...spans, noticed], undefined, waysWith('nothing')).complete, true);
});

test('an event that every order leaves is missed where it is not', () => {
  const { complete, missing } = judgeOrder(recordedOrder(), undefined, waysWith('first'));
  assert.deepEqual([complete, missing], [false, ['orders publishes ORDER_CREATED']]);
});

test('an outcome is missed beside an event that is no part of an order', () => {
  const spans = without(recordedOrder(), named('products', 'publish stock.reserved'));
  const { complete, missing } = judgeOrder(spans, undefined, waysWith('nothing'));
  assert.deepEqual([complete, missing], [false, ['products publishes STOCK_RESERVED']]);
});

const recorded = recordedOrder();

const isServerOfOrders = (span: Span) => span.service === 'orders' && span.kind === 'server';

/** Other attributes for what the app wrote of the request. */
function answering(spans: readonly Span[], attributes: Span['attributes']): Span[] {
  return spans.map((span) => (isServerOfOrders(span) ? { ...span, attributes } : span));
}

const ofOrders = (name: string) => (span: Span) => span.service === 'orders' && span.name === name;
const isCall = (span: Span) => span.service === 'orders' && span.name.startsWith('call ');

const repeated = { 'http.response.status_code': 201, 'order.id': 2, 'shop.order.repeated': true };

/** A repeat that came while the first was under way: it asked the peers, wrote nothing, and read the order. */
const concurrent = answering(without(recorded, ofOrders('publish order.created')), repeated);

/** A repeat that came later. */
const later = without(without(concurrent, isCall), ofOrders('WITH orders_db'));

test('a repeat is known by what the app says of it, and must leave the request and a look at the order', () => {
  for (const spans of [later, concurrent]) {
    const { of, order_id: orderId, complete, missing } = judgeTrace(spans);
    assert.deepEqual(
      { of, orderId, complete, missing },
      { of: 'repeat', orderId: 2, complete: true, missing: [] },
    );
  }
  assert.deepEqual(judgeTrace(without(later, ofOrders('SELECT orders_db'))).missing, [
    'orders asks orders_db',
  ]);
});

test('a repeat that asked a peer must have the whole call; a call that failed proves nothing', () => {
  const lost = without(concurrent, (span) => span.service === 'users');
  assert.deepEqual(judgeTrace(lost).missing, ['users serves GET /api/users']);
  const failed = lost.map((span) => {
    if (ofOrders('call users')(span)) return { ...span, attributes: { 'http.response.status_code': 503 } };
    // the connection was reset
    if (span.service === 'users-sidecar') {
      return { ...span, attributes: { ...span.attributes, response_flags: 'UC' } };
    }
    return span;
  });
  assert.deepEqual(judgeTrace(failed).missing, []);
});

test('an order that lost its events is no repeat, and a mark does not excuse what was published', () => {
  const spans = answering(later, { 'http.response.status_code': 201, 'order.id': 2 });
  const { of, complete, missing } = judgeTrace(spans);
  assert.deepEqual([of, complete], ['order', false]);
  assert.ok(missing.includes('orders publishes ORDER_CREATED'));
  assert.equal(subjectOf(answering(recorded, repeated)).of, 'order');
});

test('an order whose client left is an order: by its event, and by what the app says after the client', () => {
  // the server span ends when the connection closes, with the status nobody has set yet
  const gone = answering(recorded, { 'http.response.status_code': 200 }).map((span) => {
    const { 'http.status_code': _, ...known } = span.attributes;
    return span.parent_id === null ? { ...span, attributes: known } : span;
  });
  const { of, order_id: orderId, complete } = judgeTrace(gone);
  assert.deepEqual({ of, orderId, complete }, { of: 'order', orderId: 2, complete: true });

  const unpublished = without(gone, ofOrders('publish order.created'));
  assert.equal(subjectOf(unpublished).of, 'request');
  const server = recorded.find(isServerOfOrders);
  assert.ok(server !== undefined);
  const told: Span = {
    ...server,
    span_id: 'c'.repeat(16),
    parent_id: server.span_id,
    kind: 'internal',
    name: 'order without its client',
    attributes: { 'order.id': 2 },
  };
  assert.deepEqual(subjectOf([...unpublished, told]), { of: 'order', orderId: 2 });
  assert.deepEqual(judgeTrace([...unpublished, told]).missing, ['orders publishes ORDER_CREATED']);
  const repeat = { ...told, attributes: { 'order.id': 2, 'shop.order.repeated': true } };
  assert.equal(subjectOf([...unpublished, repeat]).of, 'repeat');
});

test('an order all of whose spans but the gateway’s are lost is an order', () => {
  const [root] = recorded;
  assert.ok(root !== undefined && root.service === 'gateway');
  const accepted = { ...root, attributes: { 'http.status_code': '201' } };
  assert.deepEqual(subjectOf([accepted]), { of: 'order', orderId: undefined });
  assert.equal(judgeTrace([accepted]).complete, false);
});

for (const status of [400, 404, 413, 422, 503, 504]) {
  test(`a request that was answered ${status} is no order`, () => {
    const spans = answering(without(later, ofOrders('SELECT orders_db')), {
      'http.response.status_code': status,
    });
    const refused = spans.map((span) =>
      span.service === 'gateway' ? { ...span, attributes: { 'http.status_code': String(status) } } : span,
    );
    const { of, complete } = judgeTrace(refused);
    assert.deepEqual([of, complete], ['request', true]);
  });
}

/** A span that says nothing by itself. */
const plain: Span = {
  ...{ trace_id: 'a', span_id: '1', parent_id: null, service: 'users', name: 'x', kind: 'client' },
  ...{ start_us: 0, duration_us: 1, error: false, attributes: {} },
};
const placing = { service: 'orders', kind: 'server', name: 'POST /api/orders' } as const;
const withId = (id: string | number) => ({ attributes: { [attributes.orderId]: id } });
const publishing = (type: string, more: Span['attributes'] = {}) => ({
  service: 'orders',
  kind: 'producer' as const,
  name: 'publish',
  attributes: { [attributes.eventType]: type, ...more },
});
const answered = (service: string, attribute: string, status: number | string) =>
  ({ ...placing, service, attributes: { [attribute]: status } }) as const;
const gateways = 'http.status_code';
const apps = 'http.response.status_code';

for (const [what, changes, of, orderId] of [
  ['the app placed it', { ...placing, ...withId(7) }, 'order', 7],
  [
    'the app placed it without its client',
    { ...placing, kind: 'internal', name: 'x', ...withId(7) },
    'order',
    7,
  ],
  [
    'the app was asked for one',
    { ...placing, name: 'GET /api/orders/7', ...withId(7) },
    'request',
    undefined,
  ],
  ['the app asked for one', { ...placing, kind: 'client', ...withId(7) }, 'request', undefined],
  ['another app has its number', { ...placing, service: 'products', ...withId(7) }, 'request', undefined],
  ['another app works on it', { service: 'products', kind: 'internal', ...withId(7) }, 'request', undefined],
  ['a number that is none', { ...placing, ...withId(0) }, 'request', undefined],
  ['a word for a number', { ...placing, ...withId('seven') }, 'request', undefined],
  ['its event left', publishing('ORDER_CREATED'), 'order', undefined],
  ['its event left, with its number', publishing('ORDER_CREATED', { [attributes.orderId]: 7 }), 'order', 7],
  ['another event left', publishing('STOCK_RESERVED', { [attributes.orderId]: 7 }), 'request', undefined],
  ['another app sent it', { ...publishing('ORDER_CREATED'), service: 'products' }, 'request', undefined],
  ['it came', { ...publishing('ORDER_CREATED'), kind: 'consumer' }, 'request', undefined],
  ['the gateway answered 201', answered('gateway', gateways, '201'), 'order', undefined],
  ['the app answered 201', answered('orders', apps, 201), 'order', undefined],
  ['the gateway answered 503', answered('gateway', gateways, 503), 'request', undefined],
  ['the app answered 503', answered('orders', apps, 503), 'request', undefined],
  ['the gateway has the attribute of apps', answered('gateway', apps, 201), 'request', undefined],
  ['the app has that of the gateway', answered('orders', gateways, 201), 'request', undefined],
  ['another app answered 201', answered('users', apps, 201), 'request', undefined],
  [
    'a user was made',
    { ...answered('gateway', gateways, 201), name: 'POST /api/users' },
    'request',
    undefined,
  ],
  [
    'a call was answered 201',
    { ...answered('gateway', gateways, 201), kind: 'client' },
    'request',
    undefined,
  ],
] as const satisfies readonly (readonly [string, Partial<Span>, string, number | undefined])[]) {
  test(`what a trace is about: ${what}`, () => {
    const found = subjectOf([plain, { ...plain, span_id: '2', ...changes }]);
    assert.deepEqual(found, { of, orderId });
  });
}

test('spans of a batch have other orders, no span is about nothing, and only what placed it says that it is a repeat', () => {
  const placed: Span = { ...plain, ...placing, ...withId(7) };
  assert.deepEqual(subjectOf([plain, { ...placed, trace_id: 'b' }]), { of: 'request', orderId: undefined });
  assert.deepEqual(subjectOf([]), { of: 'request', orderId: undefined });
  const marked = (span: Span, mark: boolean): Span => ({
    ...span,
    attributes: { ...span.attributes, [attributes.orderRepeated]: mark },
  });
  assert.equal(subjectOf([marked(placed, true)]).of, 'repeat');
  assert.equal(subjectOf([marked(placed, false)]).of, 'order');
  assert.equal(subjectOf([placed, marked(plain, true)]).of, 'order');
});

test('a root that nothing lacks makes a whole order incomplete', () => {
  const stray: Span = { ...plain, trace_id: recorded[0]?.trace_id ?? '' };
  const { missing, complete, roots } = judgeOrder([...recorded, stray]);
  assert.deepEqual([missing, complete, roots], [[], false, 2]);
});

test('the way that lacks least counts, whichever is named first, and spans are in order of start', () => {
  const backwards = recordedOrder().toReversed();
  for (const ways of [expectedHops, expectedHops.toReversed()]) {
    const { complete, spans } = judgeOrder(backwards, undefined, ways);
    const starts = spans.map((span) => span.start_us);
    assert.equal(complete, true);
    assert.deepEqual(
      starts,
      starts.toSorted((one, other) => one - other),
    );
  }
});

test('where no span of the request has a number, those that have one prove what they did', () => {
  const spans = recordedOrder().map((span): Span => {
    const { [attributes.orderId]: _, ...others } = span.attributes;
    const asks = span.service === 'orders' && span.kind !== 'consumer';
    return { ...span, attributes: asks ? others : { ...others, [attributes.orderId]: 2 } };
  });
  const { order_id: orderId, complete } = judgeOrder(spans);
  assert.deepEqual([orderId, complete], [null, true]);
});

test('SQL below something that the work has called is not its own', () => {
  const process =
    recorded.find(named('products', 'process order.created')) ?? assert.fail('it was processed');
  const between: Span = { ...process, span_id: 'e'.repeat(16), parent_id: process.span_id, kind: 'internal' };
  const spans = recorded.map((span) =>
    span.parent_id === process.span_id && span.kind === 'client'
      ? { ...span, parent_id: between.span_id }
      : span,
  );
  assert.deepEqual(judgeOrder([...spans, between]).missing, [
    'products writes products_db for ORDER_CREATED',
  ]);
});

test('an answer is of its schema, and one that lacks a member or has a wrong one is not', () => {
  const answers = [judgeOrder(recordedOrder()), judgeTrace(later), judgeOrder([]), judgeTrace([plain])];
  assert.deepEqual(
    answers.map(({ of, order_id: orderId }) => [of, orderId]),
    [
      ['order', 2],
      ['repeat', 2],
      ['order', null],
      ['request', null],
    ],
  );
  for (const right of answers) assert.ok(Value.Check(verdictSchema, right));
  const [answer] = answers;
  assert.ok(answer !== undefined);
  for (const name of Object.keys(answer)) {
    const rest: unknown = Object.fromEntries(Object.entries(answer).filter(([key]) => key !== name));
    assert.equal(Value.Check(verdictSchema, rest), false, `without ${name}`);
  }
  for (const wrong of [{ of: '' }, { trace_id: 7 }, { order_id: 'two' }]) {
    assert.equal(Value.Check(verdictSchema, { ...answer, ...wrong }), false, JSON.stringify(wrong));
  }
});
