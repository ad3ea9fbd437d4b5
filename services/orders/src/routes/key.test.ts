import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import { idempotencyKey } from './key.ts';

/** Sends header lines as they are; the key that is seen, or the refusal. */
async function seen(t: TestContext, ...lines: (string | Buffer)[]): Promise<string> {
  const service = Fastify({ forceCloseConnections: true });
  t.after(() => service.close());
  service.get('/', async (request) => idempotencyKey(request) ?? 'none');
  const { hostname, port } = new URL(await service.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(port), hostname);
  socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n');
  for (const line of lines) {
    socket.write('Idempotency-Key: ');
    socket.write(line);
    socket.write('\r\n');
  }
  socket.write('\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').split('\r\n\r\n')[1] ?? '';
}

test('a key comes as it was sent', async (t) => {
  assert.equal(await seen(t), 'none');
  assert.equal(await seen(t, 'a-1, b'), 'a-1, b');
  assert.equal(await seen(t, 'clé-\u{1f600}'), 'clé-\u{1f600}');
});

test('bytes that are no text, and two lines, are refused by name', async (t) => {
  assert.match(await seen(t, Buffer.from('cl\xe9', 'latin1')), /header\.idempotency-key is not UTF-8/);
  assert.match(await seen(t, 'a', 'b'), /header\.idempotency-key is sent 2 times/);
  assert.match(await seen(t, 'a', 'a'), /header\.idempotency-key is sent 2 times/);
});
