/**
 * Names and attributes of spans about events. The amqplib instrumentation still writes the attribute names of
 * OpenTelemetry's early messaging conventions; these hooks add the current ones and what the shop knows of an event.
 */

import { publishAttributesKeyName, attributes as shopAttributes } from '@microshop/topology';
import { type Attributes, context, createContextKey, type Span } from '@opentelemetry/api';
import type { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';

type Configs = NonNullable<Parameters<typeof getNodeAutoInstrumentations>[0]>;
type AmqplibConfig = NonNullable<Configs['@opentelemetry/instrumentation-amqplib']>;
type PublishInfo = Parameters<NonNullable<AmqplibConfig['publishHook']>>[1];
type ConsumeInfo = Parameters<NonNullable<AmqplibConfig['consumeHook']>>[1];

/** Attributes that a publisher wants on its producer span, under this key of the context it publishes in. */
const publishAttributesKey = createContextKey(publishAttributesKeyName);

/** Bodies above this many bytes are not parsed for the order's id; an event of 100 lines has about 5 KB. */
const maxParsedBytes = 16_384;

/** What the exchange without a name is called in the messaging conventions. */
const defaultExchange = 'amq.default';

/** Sets name and attributes of a producer span, with what the publisher put into its context. */
export function describePublish(span: Span, info: PublishInfo): void {
  const options = info.options ?? {};
  const fromPublisher = publisherAttributes();
  span.updateName(`publish ${info.routingKey}`);
  span.setAttributes({
    ...common(info.exchange, info.routingKey, options.messageId, options.type),
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    ...(shopAttributes.orderId in fromPublisher ? {} : orderOf(info.content, options.contentType)),
    ...fromPublisher,
  });
}

/** Sets name and attributes of a consumer span. */
export function describeConsume(span: Span, { msg }: ConsumeInfo): void {
  const { exchange, routingKey, deliveryTag, redelivered } = msg.fields;
  const properties: Record<string, unknown> = { ...msg.properties };
  const queue = queueOf(span);
  span.updateName(`process ${routingKey}`);
  span.setAttributes({
    ...common(exchange, routingKey, properties['messageId'], properties['type']),
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.rabbitmq.message.delivery_tag': deliveryTag,
    'messaging.rabbitmq.message.redelivered': redelivered,
    ...(queue === undefined ? {} : { 'messaging.destination.subscription.name': queue }),
    ...orderOf(msg.content, properties['contentType']),
  });
}

function common(exchange: string, routingKey: string, messageId: unknown, type: unknown): Attributes {
  return {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': exchange === '' ? defaultExchange : exchange,
    'messaging.rabbitmq.destination.routing_key': routingKey,
    ...(typeof messageId === 'string' ? { 'messaging.message.id': messageId } : {}),
    ...(typeof type === 'string' ? { [shopAttributes.eventType]: type } : {}),
  };
}

function publisherAttributes(): Attributes {
  const value = context.active().getValue(publishAttributesKey);
  return isAttributes(value) ? value : {};
}

function isAttributes(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The hook does not get the queue; the instrumentation names the span `<queue> process` before it calls the hook. */
function queueOf(span: Span): string | undefined {
  const suffix = ' process';
  if (!('name' in span) || typeof span.name !== 'string' || !span.name.endsWith(suffix)) return undefined;
  return span.name.slice(0, -suffix.length);
}

function orderOf(content: Buffer, contentType: unknown): Attributes {
  if (contentType !== 'application/json' || content.length > maxParsedBytes) return {};
  try {
    const body: unknown = JSON.parse(content.toString('utf8'));
    if (typeof body !== 'object' || body === null || !('order_id' in body)) return {};
    return typeof body.order_id === 'number' ? { [shopAttributes.orderId]: body.order_id } : {};
  } catch {
    // Poison is the consumer's to judge.
    return {};
  }
}
