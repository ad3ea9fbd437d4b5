import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { NoAnswerError, requestJson, UnknownNameError } from './http-json.ts';

/** A port nothing listens on at the moment. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

test('a part whose name is unknown is distinguished from one that does not answer', async () => {
  // RFC 6761: no name below `.invalid` is ever known
  await assert.rejects(
    requestJson('jaeger', 'GET', 'http://jaeger.invalid/'),
    (error) =>
      error instanceof UnknownNameError &&
      error.message === 'jaeger does not answer (its name is not known)' &&
      error.part === 'jaeger',
  );
  await assert.rejects(
    requestJson('jaeger', 'GET', `http://127.0.0.1:${await closedPort()}/`),
    (error) =>
      error instanceof NoAnswerError &&
      !(error instanceof UnknownNameError) &&
      error.reason === 'connection refused',
  );
});
