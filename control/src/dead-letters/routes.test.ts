import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, createService } from '@microshop/service-kit';
import { auditSources } from '../audit/sources.ts';
import { deadLetterBook } from './book.ts';
import { registerDeadLetters } from './routes.ts';

test('a reason that no database can keep is refused before a letter is taken', async (t) => {
  const fastify = await createService({ name: 'control', logger: createLogger('control', 'silent') });
  t.after(() => fastify.close());
  registerDeadLetters(fastify, deadLetterBook(auditSources({})));
  const { statusCode } = await fastify.inject({
    method: 'POST',
    url: '/api/dead-letters/drop',
    payload: { all: true, reason: 'a\u0000b' },
  });
  assert.equal(statusCode, 400);
});
