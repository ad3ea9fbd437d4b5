/** `/api/dead-letters`: look at them, send them again, drop them. */

import { messageOf } from '@microshop/program-kit/errors';
import { badRequest, notFound } from '@microshop/service-kit';
import type { FastifyInstance, preHandlerHookHandler } from 'fastify';
import { type Static, Type } from 'typebox';
import { unavailable } from '../service/problem.ts';
import { drop, KeptLettersError, replay, UnknownLetterError } from './actions.ts';
import { type DeadLetterBook, everyLetter } from './book.ts';
import { actedSchema, letterListSchema, longestReason, type Selection } from './schemas.ts';

const selectionFields = {
  /** Ids as the list shows them; `all` must be said. */
  ids: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 10_000 })),
  all: Type.Optional(Type.Literal(true)),
};
const replayBody = Type.Object(selectionFields);
const dropBody = Type.Object({
  ...selectionFields,
  /** For the client that placed the order. */
  reason: Type.String({ minLength: 1, maxLength: longestReason, pattern: '^[^\\u0000]*$' }),
});

/** Registers the routes; `guard` runs before those that change something. */
export function registerDeadLetters(
  fastify: FastifyInstance,
  book: DeadLetterBook,
  guard: readonly preHandlerHookHandler[] = [],
): void {
  fastify.get(
    '/api/dead-letters',
    // a page asks every few seconds
    { logLevel: 'warn', schema: { response: { 200: letterListSchema } } },
    async () => ({ dead_letters: await asProblem(everyLetter(book)) }),
  );

  const mutating = { preHandler: [...guard] };
  fastify.post<{ Body: Static<typeof replayBody> }>(
    '/api/dead-letters/replay',
    { ...mutating, schema: { body: replayBody, response: { 200: actedSchema } } },
    async (request) => {
      const results = await asProblem(replay(book, selectionOf(request.body)));
      request.log.info({ results }, 'dead letters sent again');
      return { results };
    },
  );
  fastify.post<{ Body: Static<typeof dropBody> }>(
    '/api/dead-letters/drop',
    { ...mutating, schema: { body: dropBody, response: { 200: actedSchema } } },
    async (request) => {
      const results = await asProblem(drop(book, selectionOf(request.body), request.body.reason));
      request.log.info({ results }, 'dead letters dropped');
      return { results };
    },
  );
}

function selectionOf({ ids, all }: Static<typeof replayBody>): Selection {
  if ((ids === undefined) === (all === undefined)) {
    throw badRequest('body.ids or body.all must say which, and not both');
  }
  return ids ?? 'all';
}

async function asProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UnknownLetterError) throw notFound(error.message);
    if (error instanceof KeptLettersError) throw unavailable(error.message, error);
    throw unavailable(`RabbitMQ or a database: ${messageOf(error)}`, error);
  }
}
