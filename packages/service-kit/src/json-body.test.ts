import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Type } from 'typebox';
import { pageQuery } from './pagination.ts';
import { id, idParams } from './schemas.ts';
import { createService } from './service.ts';

async function build(t: TestContext) {
  const logger = pino({ level: 'silent' });
  const service = await createService({ name: 'things', description: 'Things', version: '0', logger });
  t.after(() => service.close());
  const body = Type.Object({
    text: Type.Optional(Type.String()),
    id: Type.Optional(id),
    price: Type.Optional(Type.Number()),
    items: Type.Optional(Type.Array(Type.Object({ id, note: Type.Optional(Type.String()) }))),
  });
  service.post('/things', { schema: { body } }, async (request) => request.body);
  service.get('/things/:id', { schema: { params: idParams } }, async (request) => request.params);
  const querystring = Type.Object(
    { ...pageQuery, user_id: Type.Optional(id) },
    { additionalProperties: false },
  );
  service.get('/things', { schema: { querystring } }, async (request) => request.query);
  return async (payload: string | Buffer, headers: Record<string, string> = {}) => {
    const sent = { 'content-type': 'application/json', ...headers };
    const answer = await service.inject({ method: 'POST', url: '/things', headers: sent, payload });
    return { status: answer.statusCode, body: answer.json(), get: (url: string) => service.inject(url) };
  };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** What is sent, and which field the refusal names. */
const refused: readonly (readonly [string, string | Buffer, string])[] = [
  ['half of a pair', '{"text":"x\\ud800y"}', 'body.text '],
  ['its other half', '{"text":"x\\uDFFFy"}', 'body.text '],
  ['a pair the wrong way round', '{"text":"\\udc00\\ud800"}', 'body.text '],
  [
    'half of a pair in a list',
    '{"items":[{"id":1,"note":"a"},{"id":1,"note":"\\udbff"}]}',
    'body.items[1].note ',
  ],
  ['half of a pair in a name', '{"\\ud800":1}', 'the name of a field of body '],
  ['half of a pair as the body', '"\\ud800"', 'body '],
  ['Latin-1', latin1('{"text":"caf\xe9"}'), 'body.text '],
  ['Latin-1 in a list', latin1('{"items":[{"id":1,"note":"caf\xe9"}]}'), 'body.items[0].note '],
  ['Latin-1 in a name', latin1('{"caf\xe9":1}'), 'the name of a field of body '],
  ['Latin-1 beside an escape', latin1('{"text":"\\u20ac\xe9"}'), 'body.text '],
  ['a character cut off', latin1('{"text":"\xe2\x82"}'), 'body.text '],
  ['an overlong form', latin1('{"text":"\xc0\xaf"}'), 'body.text '],
  ['a surrogate in UTF-8', latin1('{"text":"\xed\xa0\x80"}'), 'body.text '],
  ['bytes that are no JSON', latin1('\xff\xfe'), 'body '],
  ['an exponent for an id', '{"id":1e0}', 'body.id '],
  ['a fraction for an id', '{"items":[{"id":1},{"id":2.0}]}', 'body.items[1].id '],
  ['a large exponent for an id', '{"id":1E300}', 'body.id '],
];

for (const [what, payload, names] of refused) {
  test(`refused, and the field is named: ${what}`, async (t) => {
    const { status, body } = await (await build(t))(payload);
    assert.equal(status, 400);
    assert.ok(body.detail.startsWith(names), body.detail);
  });
}

test('what is Unicode comes as it was sent', async (t) => {
  const post = await build(t);
  const text = 'é\u0301 \ud83d\ude00 \uffff \ufffd \u0000 1.0 1e0';
  for (const payload of [JSON.stringify({ text }), `{"text":"${[...text].map(escaped).join('')}"}`]) {
    assert.deepEqual((await post(payload)).body, { text });
  }
  const plain = '{"price":1.0,"id":7,"items":[{"id":2147483647}]}';
  assert.deepEqual((await post(plain)).body, JSON.parse(plain));
});

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

test('a body nested deeper than the stack is refused with 400, whatever is in it', async (t) => {
  const post = await build(t);
  const depth = 60_000;
  for (const inmost of ['"\\ud83d\\ude00"', '1.5']) {
    for (const text of [
      `${'['.repeat(depth)}${inmost}${']'.repeat(depth)}`,
      `{"text":${'['.repeat(depth)}${inmost}${']'.repeat(depth)}}`,
    ]) {
      const { status, body } = await post(text);
      assert.equal(status, 400, body.detail);
      assert.match(body.detail, /^body is nested more than 32 levels deep/);
    }
  }
});

test('a body that is encoded, or in another charset, is refused with 415', async (t) => {
  const post = await build(t);
  for (const [name, value] of [
    ['content-encoding', 'gzip'],
    ['content-encoding', 'identity, br'],
    ['content-encoding', 'x'],
    ['content-type', 'application/json; charset=latin1'],
    ['content-type', 'application/json;charset="utf-16"'],
    ['content-type', 'text/plain'],
  ] as const) {
    const { status, body } = await post('{"text":"a"}', { [name]: value });
    assert.deepEqual([status, body.code], [415, 'unsupported_media_type'], value);
    assert.ok(body.detail.includes(`header.${name}`), body.detail);
  }
  for (const [name, value] of [
    ['content-encoding', 'Identity'],
    ['content-type', 'application/json; charset=UTF-8'],
    ['content-type', 'application/json; charset="utf-8"'],
  ] as const) {
    assert.equal((await post('{"text":"a"}', { [name]: value })).status, 200, value);
  }
});

test('numbers in a path or a query are decimal digits', async (t) => {
  const { get } = await (await build(t))('{}');
  for (const text of [
    '0x1',
    '1e0',
    '%2B1',
    '+1',
    '1.0',
    '%201',
    '1%20',
    '0b1',
    '0o1',
    'Infinity',
    '-',
    '1_0',
    '%D9%A1',
    'true',
  ]) {
    const path = await get(`/things/${text}`);
    assert.deepEqual([path.statusCode, /^path\.id /.test(path.json().detail)], [400, true], `path ${text}`);
    for (const name of ['limit', 'user_id']) {
      const query = await get(`/things?${name}=${text}`);
      const named = query.json().detail.startsWith(`query.${name} `);
      assert.deepEqual([query.statusCode, named], [400, true], `${name}=${text}: ${query.body}`);
    }
  }
  assert.deepEqual((await get('/things/7')).json(), { id: 7 });
  assert.deepEqual((await get('/things?limit=5&user_id=7')).json(), { limit: 5, user_id: 7 });
});
