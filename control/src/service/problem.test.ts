import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NoAnswerError, UnknownNameError } from '@microshop/program-kit/http-json';
import { problemOf } from './problem.ts';

test('a problem names the part that does not answer, and says where its name is not known', () => {
  const unknown = problemOf(new UnknownNameError('jaeger'));
  assert.deepEqual(unknown?.members, { dependency: 'jaeger', name_not_known: true });
  const refused = problemOf(new NoAnswerError('jaeger', 'connection refused'));
  assert.deepEqual(refused?.members, { dependency: 'jaeger' });
  assert.equal(problemOf(new Error('a defect')), undefined);
});
