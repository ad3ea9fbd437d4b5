import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blamesMessage, sizeLimit } from './reply-codes.ts';

const publish = { classId: 60, methodId: 40 };

/** Errors as amqplib makes them from the broker's close frames; texts of RabbitMQ 3.10 and 4. */
const errors: readonly [what: string, text: string, fields: Record<string, number>, ofTheMessage: boolean][] =
  [
    [
      'a message above the limit',
      'Channel closed by server: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - message size 2000 is larger than configured max size 1000"',
      { code: 406, ...publish },
      true,
    ],
    ['CONTENT_TOO_LARGE', '311', { code: 311, ...publish }, true],
    ['properties that fit into no frame', 'Connection closed: 501 (FRAME-ERROR)', { code: 501 }, true],
    ['no exchange', '404 (NOT-FOUND) no exchange', { code: 404, ...publish }, false],
    ['no right to write', '403 (ACCESS-REFUSED)', { code: 403, ...publish }, false],
    [
      'an exchange of another type',
      "406 inequivalent arg 'type'",
      { code: 406, classId: 40, methodId: 10 },
      false,
    ],
    ['a queue of other arguments', '406 inequivalent arg', { code: 406, classId: 50, methodId: 10 }, false],
    ['a limit of queues', '406 queue limit in vhost', { code: 406, classId: 50, methodId: 10 }, false],
    [
      'an ack that is late',
      '406 delivery acknowledgement timed out',
      { code: 406, classId: 0, methodId: 0 },
      false,
    ],
    [
      'a delivery tag that is unknown',
      '406 unknown delivery tag',
      { code: 406, classId: 60, methodId: 80 },
      false,
    ],
    ['a locked resource', '405 (RESOURCE-LOCKED)', { code: 405, classId: 50, methodId: 10 }, false],
    ['the operator', '320 (CONNECTION-FORCED)', { code: 320 }, false],
    ['a broker that failed', '541 (INTERNAL-ERROR)', { code: 541, ...publish }, false],
    ['a virtual host that is gone', '530 (NOT-ALLOWED)', { code: 530 }, false],
    ['a connection that broke', 'read ECONNRESET', {}, false],
  ];

for (const [what, text, fields, ofTheMessage] of errors) {
  test(`${what}: ${ofTheMessage ? 'the message is at fault' : 'no message is at fault'}`, () => {
    assert.equal(blamesMessage(Object.assign(new Error(text), fields)), ofTheMessage);
  });
}

test('the limit of the size of a message is read from the error', () => {
  const [, text] = errors[0] ?? [];
  assert.equal(sizeLimit(new Error(text)), 1000);
  assert.equal(sizeLimit(new Error('message size 600000000 is larger than max size 536870912')), 536870912);
  assert.equal(sizeLimit(new Error('404 (NOT-FOUND)')), undefined);
});
