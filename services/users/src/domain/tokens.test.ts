import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeSigningKey } from '@microshop/service-kit/tokens';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createTokens } from './tokens.ts';

test('a token is about its user and its role, and is valid by the published keys, also after they were changed', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-tokens-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'keys.json');
  const tokens = createTokens(file);
  const write = async (...keys: object[]) => await writeFile(file, JSON.stringify({ keys }));
  const [first, second] = await Promise.all([makeSigningKey(0), makeSigningKey(1)]);

  await write(first);
  const { token } = await tokens.issueTo({ id: 7, role: 'customer' });
  await write({ ...first, private_part: null, gone_at: Date.now() + 1000 }, second);
  const keySet = createLocalJWKSet({ keys: await tokens.publicKeys() });
  const { payload } = await jwtVerify(token, keySet);
  assert.deepEqual([payload.sub, payload['role']], ['7', 'customer']);
  const later = await jwtVerify((await tokens.issueTo({ id: 8, role: 'admin' })).token, keySet);
  assert.equal(later.payload['role'], 'admin');
  assert.equal(later.protectedHeader.kid, second.public_key.kid);
  assert.ok(!JSON.stringify(await tokens.publicKeys()).includes(String(second.private_part)));
});
