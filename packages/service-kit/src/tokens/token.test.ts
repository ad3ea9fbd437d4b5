import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { tokens } from '@microshop/topology';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { issueToken, makeSigningKey, readSigningKeys, signingKeyAt } from './index.ts';

const now = Date.parse('2026-11-28T06:00:00.500Z');

test('a token says who it is about, by whom and until when, and its key verifies it', async () => {
  const key = await makeSigningKey(now);
  const { token, expires_at } = await issueToken([key], { subject: '7', role: 'customer' }, now);
  assert.equal(expires_at, '2026-11-28T06:15:00.000Z');
  assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', kid: key.public_key.kid, typ: 'at+jwt' });
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [key.public_key] }), {
    issuer: tokens.issuer,
    typ: tokens.type,
    algorithms: [tokens.algorithm],
    currentDate: new Date(now),
  });
  assert.deepEqual([payload.sub, payload[tokens.roleClaim]], ['7', 'customer']);
  assert.equal(Number(payload.exp) - Number(payload.iat), tokens.lifetimeSeconds);
  assert.match(String(payload.jti), /^[0-9a-f-]{36}$/);
});

test('a token of another key is invalid', async () => {
  const [own, other] = await Promise.all([makeSigningKey(now), makeSigningKey(now)]);
  assert.notEqual(own.public_key.kid, other.public_key.kid);
  const { token } = await issueToken([other], { subject: '7', role: 'admin' }, now);
  await assert.rejects(jwtVerify(token, createLocalJWKSet({ keys: [own.public_key] })));
});

test('the last key whose time has come signs, one that is already published not before its time unless there is no other', async () => {
  const [first, second] = await Promise.all([makeSigningKey(now), makeSigningKey(now + 1000)]);
  const keys = [first, second];
  assert.equal(signingKeyAt(keys, now), first);
  assert.equal(signingKeyAt(keys, now + 1000), second);
  const retired = { ...first, private_part: null };
  // the clock was set back
  assert.equal(signingKeyAt([retired, second], now), second);
  assert.equal(signingKeyAt(keys, now - 1), first);
  assert.equal(signingKeyAt([retired], now), undefined);
  await assert.rejects(issueToken([retired], { subject: '7', role: 'customer' }, now), /no key that signs/);
});

test('keys are read as they were written; a public half holds nothing of the private one', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-keys-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'keys.json');
  const key = await makeSigningKey(now);
  await writeFile(file, JSON.stringify({ keys: [key] }));
  assert.deepEqual(await readSigningKeys(file), [key]);
  assert.ok(key.private_part && !JSON.stringify(key.public_key).includes(key.private_part));
  await writeFile(file, '{"keys":[{}]}');
  await assert.rejects(readSigningKeys(file));
});
