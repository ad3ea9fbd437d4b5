import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { hasCode } from '@microshop/program-kit/errors';
import { makeToken, readToken, TokenUnreadableError } from './token.ts';

test('the token is read where it was made; one that is not there is an error of its own, with its cause', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-token-'));
  t.after(() => rm(directory, { recursive: true }));
  await assert.rejects(
    readToken(directory),
    (error) => error instanceof TokenUnreadableError && hasCode(error.cause, 'ENOENT'),
  );
  assert.equal(await makeToken(directory), await readToken(directory));
});
