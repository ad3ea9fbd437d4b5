/** The page of the console, who may change the mesh from it, and what it alone asks. */
import { commandName } from '@microshop/program-kit/typed-here';
import { ProblemError } from '@microshop/service-kit';
import { meshUrls, type Placement, publishedUrls } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { registerPage } from './page.ts';
import { type PartAddresses, readParts } from './parts.ts';
import { codeSchema, partListSchema, sessionPath, sessionSchema } from './schemas.ts';
import type { Sessions } from './sessions.ts';

/** What {@link registerConsole} needs. */
export interface ConsoleOptions {
  /** Directory of the built page. */
  readonly page: string;
  readonly sessions: Sessions;
  readonly placement: Placement;
  readonly addresses: PartAddresses;
}

/** Registers page and routes. */
export async function registerConsole(fastify: FastifyInstance, options: ConsoleOptions): Promise<void> {
  const { page, sessions, placement, addresses } = options;
  await registerPage(fastify, page);

  fastify.post('/api/console/codes', { schema: { response: { 201: codeSchema } } }, async (_request, reply) =>
    reply.code(201).send({ code: sessions.code() }),
  );

  fastify.post<{ Body: Static<typeof codeSchema> }>(
    sessionPath,
    { schema: { body: codeSchema } },
    async (request, reply) => {
      const cookie = sessions.open(request.body.code);
      if (cookie === undefined) {
        throw new ProblemError(
          401,
          'unauthorized',
          'This address was used before, or is too old; ./mesh console prints a new one',
        );
      }
      return reply.code(204).header('set-cookie', cookie).send();
    },
  );

  fastify.get(
    sessionPath,
    { logLevel: 'warn', schema: { response: { 200: sessionSchema } } },
    async (request) => ({
      may_change: sessions.holds(request.headers),
      instance: placement.instance,
      mode: placement.mode,
      command: commandName(),
      urls: placement.mode === 'compose' ? publishedUrls() : meshUrls(placement),
    }),
  );

  fastify.get(
    '/api/console/parts',
    { logLevel: 'warn', schema: { response: { 200: partListSchema } } },
    async () => ({ parts: await readParts(placement, addresses) }),
  );
}
