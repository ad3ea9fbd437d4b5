import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishAttributesKeyName } from '@microshop/topology';
import { type Attributes, context, createContextKey, SpanKind } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describeConsume, describePublish } from './messaging.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const exporter = new InMemorySpanExporter();
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer(
  'test',
);

type Publish = Parameters<typeof describePublish>[1];
type Consume = Parameters<typeof describeConsume>[1];

function published(
  info: Partial<Publish>,
  fromPublisher?: Attributes,
): { name: string; attributes: Attributes } {
  exporter.reset();
  const key = createContextKey(publishAttributesKeyName);
  context.with(context.active().setValue(key, fromPublisher), () => {
    const span = tracer.startSpan('publish shop.events', { kind: SpanKind.PRODUCER });
    describePublish(span, {
      moduleVersion: '2.3.1',
      exchange: 'shop.events',
      routingKey: 'order.created',
      content: Buffer.from('{"order_id":7}'),
      options: { contentType: 'application/json', messageId: 'm-1', type: 'ORDER_CREATED' },
      ...info,
    });
    span.end();
  });
  return finished();
}

function consumed(
  content: string,
  properties: Record<string, unknown> = {},
): { name: string; attributes: Attributes } {
  exporter.reset();
  const span = tracer.startSpan('products.orders process', { kind: SpanKind.CONSUMER });
  const info: Consume = {
    moduleVersion: '2.3.1',
    msg: {
      content: Buffer.from(content),
      fields: { deliveryTag: 3, redelivered: true, exchange: 'shop.events', routingKey: 'order.created' },
      properties: {
        contentType: 'application/json',
        contentEncoding: undefined,
        headers: {},
        deliveryMode: 2,
        priority: undefined,
        correlationId: undefined,
        replyTo: undefined,
        expiration: undefined,
        messageId: 'm-1',
        timestamp: 0,
        type: 'ORDER_CREATED',
        userId: undefined,
        appId: undefined,
        clusterId: undefined,
        ...properties,
      },
    },
  };
  describeConsume(span, info);
  span.end();
  return finished();
}

function finished(): { name: string; attributes: Attributes } {
  const [span] = exporter.getFinishedSpans();
  assert.ok(span !== undefined);
  return { name: span.name, attributes: span.attributes };
}

describe('a producer span', () => {
  it('has the current names, and what the publisher left in its context', () => {
    assert.deepEqual(published({}, { 'shop.outbox.wait_ms': 12, 'order.id': 7 }), {
      name: 'publish order.created',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'shop.events',
        'messaging.rabbitmq.destination.routing_key': 'order.created',
        'messaging.message.id': 'm-1',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'shop.event.type': 'ORDER_CREATED',
        'shop.outbox.wait_ms': 12,
        'order.id': 7,
      },
    });
  });

  it('has the order from the body when the publisher does not say it', () => {
    assert.equal(published({}).attributes['order.id'], 7);
  });

  it('says so when the exchange is the one without a name', () => {
    const { name, attributes } = published({ exchange: '', routingKey: 'products.orders.dlq' });
    assert.equal(name, 'publish products.orders.dlq');
    assert.equal(attributes['messaging.destination.name'], 'amq.default');
  });
});

describe('a consumer span', () => {
  it('has the current names, the queue and the order', () => {
    assert.deepEqual(consumed('{"order_id":7,"items":[]}'), {
      name: 'process order.created',
      attributes: {
        'messaging.system': 'rabbitmq',
        'messaging.destination.name': 'shop.events',
        'messaging.destination.subscription.name': 'products.orders',
        'messaging.rabbitmq.destination.routing_key': 'order.created',
        'messaging.rabbitmq.message.delivery_tag': 3,
        'messaging.rabbitmq.message.redelivered': true,
        'messaging.message.id': 'm-1',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'shop.event.type': 'ORDER_CREATED',
        'order.id': 7,
      },
    });
  });

  for (const [what, content, properties] of [
    ['is not JSON', '{"order_id":', {}],
    ['is JSON of another kind', 'null', {}],
    ['has an id that is not a number', '{"order_id":"7"}', {}],
    ['is not said to be JSON', '{"order_id":7}', { contentType: 'text/plain' }],
    ['is large', JSON.stringify({ order_id: 7, padding: 'x'.repeat(20_000) }), {}],
  ] as const) {
    it(`has no order, and nothing throws, when the body ${what}`, () => {
      assert.equal('order.id' in consumed(content, properties).attributes, false);
    });
  }

  it('is not troubled by a message without properties', () => {
    const { attributes } = consumed('{"order_id":7}', { messageId: undefined, type: undefined });
    assert.equal('messaging.message.id' in attributes, false);
    assert.equal('shop.event.type' in attributes, false);
  });
});
