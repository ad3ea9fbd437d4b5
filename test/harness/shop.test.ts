import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, inTime, isLate } from './shop.ts';

const answer = (status: number, body: unknown): Answer<unknown> => ({
  status,
  body,
  headers: new Headers(),
  traceId: '',
});

const late = answer(504, { code: 'deadline_exceeded' });
const refused = answer(503, { code: 'dependency_unavailable', dependency: 'users' });

test('an answer is late by its code alone; a breaker that is full is not the machine', () => {
  const all: readonly (readonly [Answer<unknown>, boolean])[] = [
    [late, true],
    [answer(503, { code: 'dependency_timeout', dependency: 'users' }), true],
    [answer(503, { code: 'breaker_open', dependency: 'users' }), true],
    [answer(503, { code: 'overloaded' }), true],
    [answer(503, { code: 'overloaded', dependency: 'users' }), false],
    [refused, false],
    [answer(500, { code: 'internal_error' }), false],
    [answer(201, { id: 1 }), false],
    [answer(200, []), false],
    [answer(204, undefined), false],
  ];
  for (const [one, expected] of all) assert.equal(isLate(one), expected, JSON.stringify(one.body));
});

test('what is late is asked for again, and what is refused is not', async () => {
  const answers = [late, refused, answer(201, { id: 1 })];
  let asked = 0;
  const got = await inTime(async () => answers[asked++] ?? assert.fail('asked for too often'));
  assert.deepEqual([got, asked], [refused, 2]);
});
