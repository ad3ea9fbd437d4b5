/** Messages as amqplib delivers them. */
import type { ConsumeMessage } from 'amqplib';

/** A message of the broker with these properties. */
export function messageOf(
  properties: Readonly<Record<string, unknown>>,
  content = '{}',
  deliveryTag = 1,
): ConsumeMessage {
  const none = {
    contentType: undefined,
    contentEncoding: undefined,
    headers: undefined,
    deliveryMode: undefined,
    priority: undefined,
    correlationId: undefined,
    replyTo: undefined,
    expiration: undefined,
    messageId: undefined,
    timestamp: undefined,
    type: undefined,
    userId: undefined,
    appId: undefined,
    clusterId: undefined,
  };
  return {
    content: Buffer.from(content),
    fields: { deliveryTag, redelivered: false, exchange: '', routingKey: 'q', consumerTag: 'c' },
    properties: { ...none, ...properties },
  };
}
