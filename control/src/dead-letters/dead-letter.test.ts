import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GetMessage } from 'amqplib';
import { describe } from './dead-letter.ts';

function message(content: string, properties: Readonly<Record<string, unknown>> = {}): GetMessage {
  const none = {
    ...{ contentType: undefined, contentEncoding: undefined, headers: undefined, deliveryMode: undefined },
    ...{ priority: undefined, correlationId: undefined, replyTo: undefined, expiration: undefined },
    ...{ messageId: undefined, timestamp: undefined, type: undefined, userId: undefined },
    ...{ appId: undefined, clusterId: undefined },
  };
  return {
    content: Buffer.from(content),
    fields: { deliveryTag: 1, redelivered: false, exchange: '', routingKey: 'q', messageCount: 0 },
    properties: { ...none, ...properties },
  };
}

test('a dead letter tells its order, its trace, and when it was published', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const properties = {
    messageId: 'm',
    type: 'ORDER_CREATED',
    timestamp: 1_700_000_000,
    headers: { traceparent },
  };
  assert.deepEqual(describe(message('{"order_id":7}', properties), 'products.orders'), {
    id: 'm',
    queue: 'products.orders',
    type: 'ORDER_CREATED',
    order_id: 7,
    reason: 'dead-lettered without a reason',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    published_at: '2023-11-14T22:13:20.000Z',
  });
});

for (const timestamp of [8_640_000_000_001, Number.MAX_SAFE_INTEGER, 2 ** 64, -(2 ** 63)]) {
  test(`a time that is no date does not hide the other dead letters: ${timestamp}`, () => {
    assert.equal(describe(message('{}', { timestamp }), 'q').published_at, null);
  });
}

for (const id of ['0', '-1', '1.5', '2147483648', '1e300', '"7"', 'null']) {
  test(`what no order can have is no order: ${id}`, () => {
    assert.equal(describe(message(`{"order_id":${id}}`), 'q').order_id, null);
  });
}

for (const traceparent of ['', 'x', '00-XY-1-1', `00-${'a'.repeat(33)}-1-1`, 5]) {
  test(`what is no trace id is none: ${traceparent}`, () => {
    assert.equal(describe(message('{}', { headers: { traceparent } }), 'q').trace_id, null);
  });
}
