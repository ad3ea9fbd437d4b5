import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Delivery } from './delivery.ts';
import { putBack } from './put-back.ts';
import { fakeBroker, fakeChannel } from './testing/fake-broker.ts';
import { messageOf } from './testing/message.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

function delivery(properties: Readonly<Record<string, unknown>>): Delivery {
  const lane = { channel: fakeChannel(), open: true, held: new Set<never>() };
  const message = messageOf(properties);
  return { lane, message, context: ROOT_CONTEXT, alone: true, unexpected: 0, postponed: 9 };
}

test('the copy is published without a span of its own, so that it keeps the trace context of the event', async () => {
  const { broker } = fakeBroker();
  let suppressed: boolean | undefined;
  const done = await putBack(
    {
      ...broker,
      publish: async () => {
        suppressed = isTracingSuppressed(context.active());
        return undefined;
      },
    },
    'q',
    delivery({ headers: { traceparent: 'x' } }),
  );
  assert.deepEqual([done, suppressed], [true, true]);
});

test('what could not be published again as it is stays: no part of it is lost', async () => {
  const { broker, published } = fakeBroker();
  for (const headers of [{ big: 'x'.repeat(65_000) }, { CC: ['q'] }, { bad: Number.NaN }]) {
    assert.equal(await putBack(broker, 'q', delivery({ headers })), false);
  }
  assert.deepEqual(published, []);
});
