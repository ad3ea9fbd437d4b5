import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from './span.ts';
import { recordedOrder } from './testing/recorded.ts';
import { judgeOrder, judgeTrace } from './verdict.ts';

/** Spans of the recorded order that go on from the gateway to the app of orders, as that of a request which was refused. */
function refused(): Span[] {
  const way = ['POST /api/orders', 'to orders', 'inbound POST /api/orders'];
  return recordedOrder().flatMap((span) => {
    if (!way.includes(span.name)) return [];
    const known = { ...span.attributes, 'http.status_code': '503' };
    const ofApp = { 'http.response.status_code': 503 };
    return [{ ...span, error: true, attributes: span.service === 'orders' ? ofApp : known }];
  });
}

/** Without those of that service, and with other attributes on the spans of that name. */
function changed(
  spans: readonly Span[],
  { gone = [], name, to = {} }: { gone?: readonly string[]; name?: string; to?: Span['attributes'] },
): Span[] {
  return spans
    .filter(({ service }) => !gone.includes(service))
    .map((span) => (span.name === name ? { ...span, attributes: { ...span.attributes, ...to } } : span));
}

test('a request that was refused is whole when everybody who has answered left a span', () => {
  const { of, complete, missing } = judgeTrace(refused());
  assert.deepEqual([of, complete, missing], ['request', true, []]);
});

test('told: the gateway was answered, and the one that answered has left nothing', () => {
  const { complete, missing } = judgeTrace(changed(refused(), { gone: ['orders-sidecar', 'orders'] }));
  assert.deepEqual([complete, missing], [false, ['orders-sidecar takes the call of gateway']]);
});

test('told: the app has answered its sidecar, and has left nothing', () => {
  const { complete, missing } = judgeTrace(changed(refused(), { gone: ['orders'] }));
  assert.deepEqual([complete, missing], [false, ['orders serves the call of gateway']]);
});

const alone = ['orders-sidecar', 'orders'];

for (const [what, gone, name, to] of [
  ['could not be reached', alone, 'to orders', { response_flags: 'UF' }],
  ['sent no answer', alone, 'to orders', { 'http.status_code': '0' }],
  [
    'was spared by a fault',
    ['orders'],
    'inbound POST /api/orders',
    { response_code_details: 'fault_filter_abort', response_flags: 'FI' },
  ],
  [
    'was spared by a refusal',
    ['orders'],
    'inbound POST /api/orders',
    { response_code_details: 'rbac_access_denied_matched_policy[none]' },
  ],
] as const) {
  test(`nothing is missing of one that ${what}`, () => {
    const { complete, missing } = judgeTrace(changed(refused(), { gone, name, to }));
    assert.deepEqual([complete, missing], [true, []]);
  });
}

test('told: an attempt at a peer was answered before the one that made the order, and nobody says by whom', () => {
  const recorded = recordedOrder();
  const second =
    recorded.find(({ name }) => name === 'try 1 of products') ?? assert.fail('products was called');
  const first: Span = {
    ...second,
    span_id: 'd'.repeat(16),
    start_us: second.start_us - 1000,
    attributes: { ...second.attributes, 'http.status_code': '503' },
  };
  const { complete, missing } = judgeOrder([...recorded, first]);
  assert.deepEqual([complete, missing], [false, ['products-sidecar takes the call of orders']]);
  const timedOut = { ...first, attributes: { ...first.attributes, 'http.status_code': '0' } };
  assert.equal(judgeOrder([...recorded, timedOut]).complete, true);
});
