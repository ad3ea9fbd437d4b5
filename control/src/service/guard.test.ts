import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, createService } from '@microshop/service-kit';
import { sessionPath } from '../console/schemas.ts';
import { guard } from './guard.ts';
import { problemOf } from './problem.ts';

const token = 'a-token-of-this-test';
const session = 'a-session-of-this-test';

async function service() {
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  const sessions = { holds: ({ cookie }: { cookie?: string | undefined }) => cookie === session };
  guard(fastify, { hostNames: ['127.0.0.1', 'localhost'], token, sessions });
  fastify.post(sessionPath, async () => 'asked for a session');
  fastify.get('/thing', async () => 'read');
  fastify.delete('/thing', async () => 'gone');
  return fastify;
}

const authorization = `Bearer ${token}`;
const own = { host: 'localhost:8090', origin: 'http://localhost:8090' };
const cases = [
  ['GET', { host: 'localhost:8090' }, 200],
  ['GET', { host: '127.0.0.1:18090' }, 200],
  ['GET', { host: 'evil.example' }, 403],
  ['GET', { host: 'localhost.evil.example:8090' }, 403],
  ['GET', { host: 'localhost:8090', origin: 'http://localhost:8090' }, 200],
  ['GET', { host: 'localhost:8090', origin: 'http://localhost:3000' }, 403],
  ['GET', { host: 'localhost:8090', origin: 'null' }, 403],
  ['GET', { host: 'localhost:8090', 'sec-fetch-site': 'same-origin' }, 200],
  ['GET', { host: 'localhost:8090', 'sec-fetch-site': 'none' }, 200],
  ['GET', { host: 'localhost:8090', 'sec-fetch-site': 'cross-site' }, 403],
  ['GET', { host: 'localhost:8090', 'sec-fetch-site': 'same-site' }, 403],
  ['GET', { host: 'localhost:8090', 'sec-fetch-site': 'same-origin, cross-site' }, 403],
  ['DELETE', { host: 'localhost:8090', 'sec-fetch-site': 'cross-site', authorization }, 403],
  ['DELETE', { host: 'localhost:8090' }, 401],
  ['DELETE', { host: 'localhost:8090', authorization: 'Bearer other' }, 401],
  ['DELETE', { host: 'localhost:8090', authorization: token }, 401],
  ['DELETE', { host: 'localhost:8090', authorization }, 200],
  ['DELETE', { host: 'evil.example', authorization }, 403],
  ['DELETE', { ...own, cookie: session }, 200],
  ['DELETE', { ...own, cookie: 'another' }, 401],
  ['DELETE', { host: 'localhost:8090', cookie: session }, 401],
  ['DELETE', { host: 'localhost:8090', origin: 'http://localhost:3000', cookie: session }, 403],
  ['DELETE', { ...own, 'sec-fetch-site': 'same-site', cookie: session }, 403],
  ['DELETE', { host: 'evil.example', origin: 'http://evil.example', cookie: session }, 403],
  ['DELETE', { host: 'localhost:8090', origin: 'http://evil.example', authorization }, 403],
] as const;

for (const [method, headers, status] of cases) {
  const shown = 'authorization' in headers ? { ...headers, authorization: '…' } : headers;
  test(`${method} with ${JSON.stringify(shown)} is answered ${status}`, async () => {
    const answer = await (await service()).inject({ method, url: '/thing', headers: { ...headers } });
    assert.equal(answer.statusCode, status, answer.body);
    if (status >= 400) assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.ok(!answer.body.includes(token));
  });
}

test('a session is asked for without one, by a page of ours only', async () => {
  const ask = async (headers: Readonly<Record<string, string>>) =>
    (await (await service()).inject({ method: 'POST', url: sessionPath, headers: { ...headers } }))
      .statusCode;
  assert.equal(await ask(own), 200);
  assert.equal(await ask({ ...own, origin: 'http://evil.example' }), 403);
  assert.equal(await ask({ ...own, 'sec-fetch-site': 'cross-site' }), 403);
});
