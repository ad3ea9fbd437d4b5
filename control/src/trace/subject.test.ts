import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from './span.ts';
import { subjectOf } from './subject.ts';
import { recordedOrder } from './testing/recorded.ts';
import { judgeTrace } from './verdict.ts';

const recorded = recordedOrder();

const isServerOfOrders = (span: Span) => span.service === 'orders' && span.kind === 'server';

/** Other attributes for what the app wrote of the request. */
function answering(spans: readonly Span[], attributes: Span['attributes']): Span[] {
  return spans.map((span) => (isServerOfOrders(span) ? { ...span, attributes } : span));
}

/** The spans without those below the app's server span that match, and all that hang on them. */
function without(spans: readonly Span[], matches: (span: Span) => boolean): Span[] {
  const gone = new Set(spans.filter(matches).map((span) => span.span_id));
  for (let size = -1; size !== gone.size; ) {
    size = gone.size;
    for (const span of spans) if (gone.has(span.parent_id ?? '')) gone.add(span.span_id);
  }
  assert.ok(gone.size > 0, 'the recorded trace has no such span');
  return spans.filter((span) => !gone.has(span.span_id));
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
  const failed = lost.map((span) =>
    ofOrders('call users')(span) ? { ...span, attributes: { 'http.response.status_code': 503 } } : span,
  );
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
  const gone = answering(recorded, { 'http.response.status_code': 200 });
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
