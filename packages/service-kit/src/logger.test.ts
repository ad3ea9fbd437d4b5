import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';
import { createService } from './service.ts';

test('an error of the database is logged without the values that come with it, and the address without the client’s', async (t) => {
  const lines: string[] = [];
  const logger = createLogger('things', 'info', { write: (line) => void lines.push(line) });
  const service = await createService({ name: 'things', description: 'Things', version: '0', logger });
  t.after(() => service.close());
  service.get('/api/users', async () => {
    throw Object.assign(new Error('duplicate key value violates unique constraint "users_email_key"'), {
      code: '23505',
      severity: 'ERROR',
      detail: 'Key (lower(email))=(secret@example.com) already exists.',
    });
  });

  assert.equal((await service.inject('/api/users?email=secret@example.com')).statusCode, 500);
  assert.equal((await service.inject('/api/users/secret@example.com')).statusCode, 404);
  logger.warn({ err: new Error('outer', { cause: { email: 'secret@example.com' } }) }, 'by hand');
  const [failed, completed] = lines.map((line) => JSON.parse(line));
  assert.match(failed.err.message, /users_email_key/);
  assert.match(failed.err.stack, /^\s+at /m);
  assert.equal(completed.url, '/api/users');
  assert.equal(lines.length, 4);
  assert.doesNotMatch(lines.join(''), /secret/);
});
