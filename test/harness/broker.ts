/** The broker as an independent client sees it. */

import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { eventExchange } from '@microshop/topology';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { mesh } from './mesh.ts';

/** Runs the work on a channel with confirms. */
export async function onChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
  const { port } = new URL(mesh.amqp);
  const connection = await connect({
    hostname: '127.0.0.1',
    port: Number(port),
    username: 'shop',
    password: await mesh.secret('rabbitmq'),
  });
  try {
    const channel = await connection.createConfirmChannel();
    return await work(channel);
  } finally {
    await connection.close();
  }
}

/** Publishes to the shop's exchange; resolves with the confirm. */
export async function publish(
  routingKey: string,
  content: string,
  properties: { messageId?: string; type?: string },
): Promise<void> {
  await onChannel(async (channel) => {
    channel.publish(eventExchange, routingKey, Buffer.from(content), {
      ...properties,
      contentType: 'application/json',
      persistent: true,
      mandatory: true,
    });
    await channel.waitForConfirms();
  });
}

/** Publishes many at once, to the shop's exchange unless another is named (`''`: to the queue called as the key). */
export async function publishAll(
  routingKey: string,
  messages: readonly { readonly content: string; readonly messageId: string }[],
  type: string,
  exchange: string = eventExchange,
): Promise<void> {
  await onChannel(async (channel) => {
    for (const { content, messageId } of messages) {
      channel.publish(exchange, routingKey, Buffer.from(content), {
        messageId,
        type,
        contentType: 'application/json',
        persistent: true,
        mandatory: true,
      });
    }
    await channel.waitForConfirms();
  });
}

/** Takes the next message from a queue, once there is one. */
export async function takeFrom(queue: string): Promise<GetMessage> {
  return await onChannel((channel) =>
    eventuallyDespiteErrors(`${queue} has a message`, async () => {
      const message = await channel.get(queue, { noAck: true });
      if (message === false) return undefined;
      return message;
    }),
  );
}

/** Messages that lie in a queue. */
export async function messagesIn(queue: string): Promise<number> {
  return await onChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
}
