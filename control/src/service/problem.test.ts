import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unwritable } from '@microshop/program-kit/errors';
import { NoAnswerError, UnknownNameError } from '@microshop/program-kit/http-json';
import { badRequest, createLogger, createService, notFound } from '@microshop/service-kit';
import { problemOf } from './problem.ts';

test('a problem names the part that does not answer, and says where its name is not known', () => {
  const unknown = problemOf(new UnknownNameError('jaeger'));
  assert.deepEqual(unknown?.members, { dependency: 'jaeger', name_not_known: true });
  const refused = problemOf(new NoAnswerError('jaeger', 'connection refused'));
  assert.deepEqual(refused?.members, { dependency: 'jaeger' });
  assert.equal(problemOf(new Error('a defect')), undefined);
});

/** The answer of a service when its route throws that. */
async function answerTo(error: unknown) {
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  fastify.get('/thing', () => Promise.reject(error));
  try {
    const answer = await fastify.inject('/thing');
    return { status: answer.statusCode, detail: String(answer.json().detail) };
  } finally {
    await fastify.close();
  }
}

test('a full disk is named as the cause, with the directory', async () => {
  const full = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
  assert.deepEqual(await answerTo(unwritable('/mesh/state', full)), {
    status: 500,
    detail:
      'The control service cannot keep it: /mesh/state cannot be written: the disk is full; free some space',
  });
  const { detail } = await answerTo(new Error('secret'));
  assert.doesNotMatch(detail, /secret/, 'a defect tells nothing');
});

test('an answer names commands as they are typed where the service runs', async () => {
  const missing = notFound('There is no dead letter 7; ./mesh dlq list shows those there are');
  assert.equal(problemOf(missing, {})?.message, missing.message);
  const there = problemOf(missing, { MESH_MODE: 'compose' });
  assert.deepEqual(
    [there?.status, there?.code, there?.message],
    [
      404,
      'not_found',
      'There is no dead letter 7; docker compose run --rm mesh dlq list shows those there are',
    ],
  );
  assert.deepEqual(await answerTo(badRequest('body.ids says which')), {
    status: 400,
    detail: 'body.ids says which',
  });
});
