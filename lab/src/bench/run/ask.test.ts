import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { ask } from './ask.ts';

/** A server that answers the n-th request, from 1, with that status. */
async function server(t: TestContext, statusOf: (request: number) => number) {
  let requests = 0;
  const listening = createServer((_, response) => {
    requests += 1;
    response.writeHead(statusOf(requests)).end('{}');
  }).listen(0, '127.0.0.1');
  t.after(() => listening.close());
  await once(listening, 'listening');
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

const { signal } = new AbortController();

test('it asks as often as it should; answers of a machine with too much to do are counted apart', async (t) => {
  const url = await server(t, (request) => (request % 5 === 0 ? 429 : 200));
  const asked = await ask(url, '/api/users/1', 40, 0.5, signal);
  assert.deepEqual([asked.answered, asked.refused], [16, 4]);
  assert.ok(asked.seconds >= 0.47);
});

test('a wrong answer ends it', async (t) => {
  const url = await server(t, () => 404);
  await assert.rejects(ask(url, '/api/users/1', 50, 60, signal), /GET \/api\/users\/1 was answered 404/);
});
