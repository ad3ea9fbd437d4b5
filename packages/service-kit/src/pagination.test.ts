import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { cursorAfter, idAfter, page } from './pagination.ts';
import { ProblemError } from './problem.ts';

test('a cursor names the id it was made from', () => {
  assert.equal(idAfter(undefined), 0);
  assert.equal(idAfter(cursorAfter(42)), 42);
});

test('anything else is refused by the name of the field', () => {
  const encoded = (text: string) => Buffer.from(text).toString('base64url');
  const wrong = ['zzz', '42', encoded('42'), encoded('after:0'), encoded('after:-1'), encoded('after:1.5')];
  for (const cursor of [...wrong, encoded('after:9999999999'), encoded('after:1 '), `${cursorAfter(1)}=`]) {
    assert.throws(
      () => idAfter(cursor),
      (error) => error instanceof ProblemError && error.status === 400 && /query\.cursor/.test(error.message),
      cursor,
    );
  }
});

test('the link of a page leads to the next one, keeps the other parameters, and the last page has none', async (t) => {
  const rows = Array.from({ length: 5 }, (_, index) => ({ id: index + 1 }));
  const fastify = Fastify();
  t.after(() => fastify.close());
  fastify.get<{ Querystring: { cursor?: string } }>('/api/things', async (request, reply) => {
    const after = idAfter(request.query.cursor);
    return page(rows.filter((row) => row.id > after).slice(0, 3), 2, request, reply);
  });

  const seen: number[] = [];
  let url: string | undefined = '/api/things?user_id=7';
  let pages = 0;
  while (url !== undefined) {
    const answer: Awaited<ReturnType<typeof fastify.inject>> = await fastify.inject(url);
    seen.push(...answer.json<{ id: number }[]>().map((row) => row.id));
    pages += 1;
    const link: unknown = answer.headers['link'];
    url = typeof link === 'string' ? /^<(\/api\/things\?[^>]*)>; rel="next"$/.exec(link)?.[1] : undefined;
    if (url !== undefined) assert.match(url, /user_id=7/);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  assert.equal(pages, 3);
});
