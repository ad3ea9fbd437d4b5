/** What counts as confirmed: a confirm of the broker for a message that a queue took, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfirmChannel } from 'amqplib';
import { createPublisher, type OutgoingMessage, orLate, type Publisher } from './publisher.ts';
import { fakeChannel } from './testing/fake-broker.ts';

/** A publisher, and its channel with the callbacks of what was published, in their order. */
function publisher(): {
  publisher: Publisher;
  channel: ConfirmChannel;
  answer: ((error: unknown) => void)[];
} {
  const answer: ((error: unknown) => void)[] = [];
  const channel = fakeChannel({
    publish: (_exchange, _key, _content, _options, callback) => {
      answer.push((error) => callback?.(error, {}));
      return true;
    },
  });
  return { publisher: createPublisher(channel), channel, answer };
}

const messageId = '00000000-0000-4000-8000-000000000001';
const content = Buffer.from('{}');
const message: OutgoingMessage = { exchange: 'e', routingKey: 'k', content, options: { messageId } };

/** What the broker sends back when no queue takes it. */
const returned = { fields: { routingKey: 'k' }, properties: { messageId }, content };

/** An error of the channel in answer to `basic.publish`. */
const channelError = (code: number, text: string) =>
  Object.assign(new Error(text), { code, classId: 60, methodId: 40 });

test('a confirm is one', async () => {
  const { publisher: own, answer } = publisher();
  const outcome = own.publish(message);
  answer[0]?.(null);
  assert.equal(await outcome, undefined);
});

test('a nack is none', async () => {
  const { publisher: own, answer } = publisher();
  const outcome = own.publish(message);
  answer[0]?.(new Error('message nacked'));
  assert.equal((await outcome)?.kind, 'nacked');
});

test('a confirm of what was returned is none; that of the message beside it is', async () => {
  const { publisher: own, channel, answer } = publisher();
  const outcomes = [own.publish(message), own.publish({ ...message, content: Buffer.from('[]') })];
  channel.emit('return', returned);
  for (const confirm of answer) confirm(null);
  const [first, second] = await Promise.all(outcomes);
  assert.deepEqual([first?.kind, second], ['unroutable', undefined]);
});

for (const [what, error] of [
  ['without a word', undefined],
  ['for the exchange is missing', channelError(404, 'no exchange')],
] as const) {
  test(`the end of the channel, ${what}, is none, and a confirm after it counts no more`, async () => {
    const { publisher: own, channel, answer } = publisher();
    const outcomes = [own.publish(message), own.publish(message)];
    if (error !== undefined) channel.emit('error', error);
    channel.emit('close');
    for (const confirm of answer) confirm(null);
    const failures = await Promise.all(outcomes);
    assert.deepEqual(
      failures.map((failure) => failure?.kind),
      ['closed', 'closed'],
    );
  });
}

test('a channel that ended because of one message: alone it is at fault, among others it is not known which', async () => {
  for (const [count, kind] of [
    [1, 'message'],
    [3, 'suspected'],
  ] as const) {
    const { publisher: own, channel } = publisher();
    const outcomes = Array.from({ length: count }, () => own.publish(message));
    channel.emit('error', channelError(406, 'it does not fit'));
    channel.emit('close');
    const failures = await Promise.all(outcomes);
    assert.deepEqual(new Set(failures.map((failure) => failure?.kind)), new Set([kind]));
  }
});

test('what has not come within the limit is late, and no confirm', () => {
  assert.equal(orLate(10, undefined)?.kind, 'late');
  assert.equal(orLate(10, { failure: undefined }), undefined);
});
