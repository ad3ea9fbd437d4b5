import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import type { Options } from 'amqplib';
import { headerBudgets } from './copy.ts';
import { deadLetterOptions } from './dead-letter.ts';
import { messageOf } from './testing/message.ts';

const [whole, small] = headerBudgets;

interface Codec {
  encodeTable(buffer: Buffer, table: unknown, offset: number): number;
}

const require = createRequire(import.meta.url);
// the package exports no way to it
const codec: Codec = require(path.join(path.dirname(require.resolve('amqplib')), 'lib/codec.js'));

/** Bytes of the headers in the buffer amqplib has for them. Throws when they do not fit or cannot be encoded. */
function encodedHeaders({ headers }: Options.Publish): number {
  return codec.encodeTable(Buffer.alloc(65_536), headers, 0);
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('headers that fit stay as they are, of every type there is', () => {
  const headers = {
    traceparent,
    text: 'x',
    number: 1,
    long: 2 ** 40,
    double: 0.5,
    yes: true,
    nothing: null,
    bytes: Buffer.from([1, 2]),
    table: { inner: { a: [1, 'two', { three: 3 }] } },
    time: { '!': 'timestamp', value: 1_700_000_000 },
    decimal: { '!': 'decimal', value: { places: 2, digits: 1234 } },
  };
  const options = deadLetterOptions(
    messageOf({ headers, messageId: 'm', type: 't', timestamp: 5 }),
    'why',
    whole,
  );
  assert.deepEqual(options, {
    messageId: 'm',
    type: 't',
    timestamp: 5,
    persistent: true,
    headers: { ...headers, 'x-error': 'why' },
  });
  assert.ok(encodedHeaders(options) > 0);
});

test('headers that do not fit are dropped and named; those of the trace come first', () => {
  const big = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`big${index}`, 'x'.repeat(3000)]));
  const options = deadLetterOptions(
    messageOf({ headers: { ...big, traceparent }, messageId: 'm' }),
    'e'.repeat(5000),
    whole,
  );
  const headers: Record<string, unknown> = options.headers;
  assert.equal(headers['traceparent'], traceparent);
  assert.equal(String(headers['x-error']).length, 500);
  assert.match(String(headers['x-dropped']), /^big19, /);
  assert.ok(encodedHeaders(options) < 65_536);
  const less = deadLetterOptions(messageOf({ headers: { ...big, traceparent } }), 'why', small);
  assert.equal(less.headers.traceparent, traceparent);
  assert.ok(encodedHeaders(less) < 4096);
});

const odd: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a number that is none': { headers: { bad: Number.NaN, worse: Number.NEGATIVE_INFINITY } },
  'a time beyond 64 bits': { headers: { bad: { '!': 'timestamp', value: 2 ** 64 } }, timestamp: 2 ** 64 },
  'a type of some vendor': { headers: { bad: { '!': 'uuid', value: 'x' } } },
  'a name that grew by decoding': { headers: { ['\ufffd'.repeat(100)]: 1 } },
  'such a name inside': { headers: { bad: { ['\ufffd'.repeat(100)]: 1 } } },
  'text that grew by decoding': { messageId: '\ufffd'.repeat(100), type: '\ufffd'.repeat(200) },
  'tables in tables': { headers: { bad: Array.from({ length: 500 }).reduce((inner) => ({ inner }), 1) } },
  'carbon copies': { headers: { CC: ['products.orders'], BCC: ['orders.stock'] } },
};

for (const [what, properties] of Object.entries(odd)) {
  test(`what cannot or must not be published again is dropped and named: ${what}`, () => {
    const options = deadLetterOptions(messageOf(properties), 'why', whole);
    assert.ok(encodedHeaders(options) > 0);
    assert.notEqual(options.headers['x-dropped'] ?? options.timestamp === undefined, undefined);
    assert.deepEqual(
      Object.keys(options.headers).filter((name) => !name.startsWith('x-')),
      [],
    );
  });
}

test('what was about the first way of the message is not copied', () => {
  const options = deadLetterOptions(
    messageOf({ expiration: '1', userId: 'guest', priority: 9, replyTo: 'r' }),
    'why',
    whole,
  );
  assert.deepEqual(options, { persistent: true, replyTo: 'r', headers: { 'x-error': 'why' } });
});
