import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions } from './sessions.ts';

/** The cookie of a header `set-cookie`, as a browser sends it back. */
const sentBack = (header: string | undefined) => (header ?? assert.fail('no session')).split(';')[0] ?? '';

test('a code opens one session, whose cookie no script reads and no other site sends', () => {
  const sessions = createSessions(3);
  const header = sessions.open(sessions.code()) ?? assert.fail('no session');
  assert.match(header, /^mesh-3-console=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.ok(sessions.holds({ cookie: sentBack(header) }));
  assert.ok(sessions.holds({ cookie: `theme=dark; ${sentBack(header)}` }));
});

test('a code is good once', () => {
  const sessions = createSessions(1);
  const code = sessions.code();
  assert.notEqual(sessions.open(code), undefined);
  assert.equal(sessions.open(code), undefined);
});

test('a code ends after an hour', () => {
  let now = 0;
  const sessions = createSessions(1, () => now);
  const [young, old] = [sessions.code(), sessions.code()];
  now = 60 * 60_000;
  assert.notEqual(sessions.open(young), undefined);
  now += 1;
  assert.equal(sessions.open(old), undefined);
});

test('neither a made-up cookie nor that of another mesh is a session', () => {
  const sessions = createSessions(1);
  const cookie = sentBack(sessions.open(sessions.code()));
  assert.ok(!sessions.holds({}));
  assert.ok(!sessions.holds({ cookie: 'mesh-1-console=' }));
  assert.ok(!sessions.holds({ cookie: `${cookie}x` }));
  assert.ok(!sessions.holds({ cookie: cookie.replace('mesh-1', 'mesh-2') }));
  assert.ok(!createSessions(1).holds({ cookie }), 'another process has other sessions');
});

test('of codes that are never used the oldest are forgotten', () => {
  const sessions = createSessions(1);
  const first = sessions.code();
  for (let count = 0; count < 100; count += 1) sessions.code();
  assert.equal(sessions.open(first), undefined);
});
