import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MadeMessage } from '@microshop/control/messages/schemas';
import { madeLines, messageRequestOf } from './fault-message.ts';

const duplicate: MadeMessage = {
  queue: 'products.orders',
  consumer: 'products',
  type: 'ORDER_CREATED',
  message_id: 'some-id',
  order_id: 7,
  order_ended: true,
  letter_id: null,
  consuming: true,
};

const poison: MadeMessage = {
  ...duplicate,
  message_id: null,
  order_id: null,
  order_ended: null,
  letter_id: 'sha256:0123456789abcdef',
};

test('a duplicate is reported with whether it can take effect', () => {
  const [, ended] = madeLines(duplicate);
  assert.equal(ended, 'products knows the id, so nothing takes effect again. Look at');
  const [, pending] = madeLines({ ...duplicate, order_ended: false });
  assert.equal(
    pending,
    'The order is PENDING: its event takes effect once, whichever delivery comes first. Look at',
  );
});

test('a message that nobody consumes waits in its queue', () => {
  const waits = 'products does not run; the message waits in products.orders';
  assert.ok(madeLines({ ...duplicate, consuming: false }).includes(waits));
  assert.ok(!madeLines(duplicate).includes(waits));
  const lines = madeLines({ ...poison, consuming: false });
  assert.ok(lines.includes(waits));
  assert.ok(
    lines.includes('products puts it into products.orders.dlq with its reason when it runs. Look at'),
  );
});

test('poison without an id can be dropped by the id that the list shows', () => {
  assert.ok(madeLines(poison).some((line) => line.endsWith('dlq drop sha256:0123456789abcdef')));
});

test('one message is asked for: none and two are told apart', () => {
  assert.throws(
    () => messageRequestOf({}),
    /^UsageError: Say which message: --duplicate --order <id>, or --poison/,
  );
  assert.throws(
    () => messageRequestOf({ duplicate: true, order: '1', poison: 'not-json' }),
    /--duplicate --order <id>, or --poison <kind>, not both/,
  );
});
