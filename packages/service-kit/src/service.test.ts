import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { maxBodyBytes } from '@microshop/topology';
import { pino } from 'pino';
import { Type } from 'typebox';
import { pageQuery } from './pagination.ts';
import { overloaded } from './problem.ts';
import { id, idParams, text } from './schemas.ts';
import { createService } from './service.ts';

async function build(t: TestContext) {
  const logged: { level: string; msg: string }[] = [];
  const stream = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const logger = pino({ level: 'info', formatters: { level: (label) => ({ level: label }) } }, stream);
  const service = await createService({ name: 'things', description: 'Things', version: '0', logger });
  t.after(() => service.close());
  const body = Type.Object(
    {
      name: text(1, 10, 'Name'),
      items: Type.Optional(Type.Array(Type.Object({ id }, { additionalProperties: false }))),
    },
    { additionalProperties: false },
  );
  service.post('/things', { schema: { body } }, async () => ({}));
  service.get('/things/:id', { schema: { params: idParams } }, async (request) => request.params);
  const querystring = Type.Object(pageQuery, { additionalProperties: false });
  service.get('/things', { schema: { querystring } }, async (request) => request.query);
  service.get('/broken', async () => {
    throw new Error('the secret of the house');
  });
  service.get('/busy', async () => {
    throw overloaded('Too much to do', 1.2);
  });
  return { service, logged };
}

const json = { 'content-type': 'application/json' };

/** What is sent, and what the refusal must say. */
const refusals = [
  [
    'wrong type',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":1}' },
    400,
    /body\.name must be string/,
  ],
  [
    'number as text',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"a","items":[{"id":"1"}]}' },
    400,
    /body\.items\[0\]\.id must be integer/,
  ],
  [
    'missing field',
    { method: 'POST', url: '/things', headers: json, payload: '{}' },
    400,
    /body\.name is required/,
  ],
  [
    'unknown field',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"a","zip":1}' },
    400,
    /body\.zip is not a known field/,
  ],
  [
    'NUL in text',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"a\\u0000"}' },
    400,
    /body\.name has characters/,
  ],
  [
    'text too long',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"aaaaaaaaaaa"}' },
    400,
    /body\.name .*10/,
  ],
  [
    'not an object',
    { method: 'POST', url: '/things', headers: json, payload: '[]' },
    400,
    /body must be object/,
  ],
  ['bad JSON', { method: 'POST', url: '/things', headers: json, payload: '{' }, 400, /JSON/],
  [
    'prototype in JSON',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"a","__proto__":{}}' },
    400,
    /^body\.__proto__ is a name that no field may have/,
  ],
  [
    'prototype in a list',
    {
      method: 'POST',
      url: '/things',
      headers: json,
      payload: '{"name":"a","items":[{"id":1},{"\\u005f_proto__":{}}]}',
    },
    400,
    /^body\.items\[1\]\.__proto__ is a name that no field may have/,
  ],
  [
    'prototype of the constructor',
    { method: 'POST', url: '/things', headers: json, payload: '{"name":"a","constructor":{"prototype":{}}}' },
    400,
    /^body\.constructor\.prototype is a name that no field may have/,
  ],
  ['empty body', { method: 'POST', url: '/things', headers: json, payload: '' }, 400, /[Bb]ody/],
  ['no body', { method: 'POST', url: '/things' }, 400, /body/],
  [
    'other media type',
    { method: 'POST', url: '/things', headers: { 'content-type': 'text/plain' }, payload: 'a' },
    415,
    /text\/plain|[Mm]edia/,
  ],
  [
    'huge body',
    { method: 'POST', url: '/things', headers: json, payload: `"${'a'.repeat(maxBodyBytes)}"` },
    413,
    /too large/,
  ],
  ['bad id', { method: 'GET', url: '/things/abc' }, 400, /path\.id must be a number in decimal digits/],
  ['zero id', { method: 'GET', url: '/things/0' }, 400, /path\.id must be >= 1/],
  ['huge id', { method: 'GET', url: '/things/99999999999' }, 400, /path\.id must be <= /],
  ['id longer than any', { method: 'GET', url: `/things/${'1'.repeat(150)}` }, 400, /path\.id must be <= /],
  ['malformed path', { method: 'GET', url: '/things/%zz' }, 400, /%zz/],
  ['limit twice', { method: 'GET', url: '/things?limit=1&limit=2' }, 400, /^query\.limit is given twice/],
  ['cursor twice', { method: 'GET', url: '/things?cursor=a&cursor=a' }, 400, /^query\.cursor is given twice/],
  ['limit too high', { method: 'GET', url: '/things?limit=101' }, 400, /query\.limit must be <= 100/],
  ['unknown query', { method: 'GET', url: '/things?color=red' }, 400, /query\.color is not a known field/],
  ['no such path', { method: 'GET', url: '/nothing' }, 404, /GET \/nothing/],
] as const;

for (const [what, request, status, detail] of refusals) {
  test(`refused with its name: ${what}`, async (t) => {
    const { service } = await build(t);
    const answer = await service.inject(request);
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const problem = answer.json();
    assert.match(problem.detail, detail);
    assert.deepEqual(Object.keys(problem).sort(), [
      'code',
      'detail',
      'instance',
      'status',
      'title',
      'trace_id',
      'type',
    ]);
    assert.equal(problem.status, status);
  });
}

test('a trailing slash is accepted, and an omitted limit has its default', async (t) => {
  const { service } = await build(t);
  assert.deepEqual((await service.inject('/things/')).json(), { limit: 20 });
  assert.deepEqual((await service.inject('/things/7/')).json(), { id: 7 });
});

test('an unexpected error is a 500 that tells nothing, and one log line that tells all', async (t) => {
  const { service, logged } = await build(t);
  const answer = await service.inject('/broken');
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().code, 'internal');
  assert.doesNotMatch(answer.body, /secret/);
  const errors = logged.filter((line) => line.level === 'error');
  assert.equal(errors.length, 1);
  assert.match(JSON.stringify(errors), /secret/);
});

test('a 503 says when to come back, in whole seconds', async (t) => {
  const { service } = await build(t);
  const answer = await service.inject('/busy');
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers['retry-after'], '2');
  assert.equal(answer.json().code, 'overloaded');
});

test('the OpenAPI document and its page are there', async (t) => {
  const { service } = await build(t);
  const document = await service.inject('/docs/things/json');
  assert.ok('/things/{id}' in document.json().paths);
  assert.equal((await service.inject('/docs/things')).statusCode, 200);
  assert.equal((await service.inject('/docs')).headers['location'], '/docs/things');
});
