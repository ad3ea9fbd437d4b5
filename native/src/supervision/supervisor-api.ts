/** The supervisor's HTTP API on its Unix socket. Who may reach it is decided by the socket's private directory. */
import { chmodSync, rmSync } from 'node:fs';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { messageOf } from '@microshop/program-kit/errors';
import { makeSocketDirectory, type RunDirectory } from '@microshop/program-kit/run-directory';
import Fastify from 'fastify';
import { failureText, PartFailedError } from './part-attempt.ts';
import { NoImpairmentError, NoProcessError, type PartRunner } from './part-runner.ts';
import { type Supervisor, type SupervisorState, UnknownPartError } from './supervisor.ts';
import {
  failureSchema,
  impairedSchema,
  type MeshStatus,
  meshPlaceSchema,
  meshStatusSchema,
  type ProcessFault,
  partActionParams,
  partActionSchema,
  partParams,
  processFaultAnswerSchema,
  processFaultSchema,
} from './supervisor-schemas.ts';

/** Thrown when a part is to be changed while the whole mesh starts or ends. */
class NotUpError extends Error {
  override readonly name = 'NotUpError';
  constructor(state: SupervisorState) {
    super(`The mesh is ${state}; its parts can be changed when it is up`);
  }
}

/** What the API is given. */
export interface SupervisorApiOptions {
  readonly supervisor: Supervisor;
  readonly directory: RunDirectory;
  readonly replicas: Readonly<Record<string, number>>;
  readonly urls: Readonly<Record<string, string>>;
  /** Ends everything in order; ready when all is gone. */
  down(): Promise<void>;
}

/** Does it to the part; the pid of its server. */
async function done(runner: PartRunner, fault: ProcessFault): Promise<number> {
  if (fault.kind === 'kill') return await runner.crash();
  if (fault.kind === 'pause') return await runner.pause(fault.ms);
  if (fault.kind === 'down') return await runner.down(fault.ms);
  return await runner.impair(fault.kind, fault.ms);
}

/** Listens on the socket, in place of a stale one. Returns what closes it. */
export async function listenForCommands(options: SupervisorApiOptions): Promise<() => Promise<void>> {
  const { supervisor, directory } = options;
  const fastify = Fastify({ forceCloseConnections: 'idle' }).withTypeProvider<TypeBoxTypeProvider>();

  fastify.setErrorHandler((error, _request, reply) => {
    if (error instanceof UnknownPartError) {
      const { message, part, known } = error;
      return reply.code(404).send({ code: 'unknown_part', message, part, known });
    }
    if (error instanceof NotUpError) return reply.code(409).send({ code: 'not_up', message: error.message });
    if (error instanceof NoProcessError) {
      return reply.code(409).send({ code: 'no_process', message: error.message });
    }
    if (error instanceof NoImpairmentError) {
      return reply.code(409).send({ code: 'no_impairment', message: error.message });
    }
    if (error instanceof PartFailedError) {
      return reply.code(502).send({ code: 'part_failed', message: failureText(error) });
    }
    return reply.code(500).send({ code: 'internal', message: messageOf(error) });
  });

  fastify.get('/mesh', { schema: { response: { 200: meshPlaceSchema } } }, async () => ({
    state: supervisor.state(),
    urls: { ...options.urls },
  }));

  fastify.get(
    '/parts',
    { schema: { response: { 200: meshStatusSchema } } },
    async (): Promise<MeshStatus> => {
      const parts = await supervisor.statuses();
      return {
        instance: directory.instance,
        running: true,
        state: supervisor.state(),
        healthy: parts.every((part) => part.healthy),
        supervisor_pid: process.pid,
        replicas: { ...options.replicas },
        urls: { ...options.urls },
        parts,
      };
    },
  );

  fastify.post(
    '/parts/:name/:action',
    {
      schema: {
        params: partActionParams,
        response: { 200: partActionSchema, '4xx': failureSchema, '5xx': failureSchema },
      },
    },
    async (request) => {
      const { name, action } = request.params;
      const runner = supervisor.part(name);
      if (supervisor.state() !== 'up') throw new NotUpError(supervisor.state());
      if (action !== 'start') await runner.stop();
      if (action !== 'stop') await runner.start();
      return { part: await runner.status() };
    },
  );

  fastify.post(
    '/parts/:name/fault',
    {
      schema: {
        params: partParams,
        body: processFaultSchema,
        response: { 200: processFaultAnswerSchema, '4xx': failureSchema, '5xx': failureSchema },
      },
    },
    async (request) => {
      const runner = supervisor.part(request.params.name);
      if (supervisor.state() !== 'up') throw new NotUpError(supervisor.state());
      return { pid: await done(runner, request.body) };
    },
  );

  fastify.get(
    '/parts/:name/fault',
    { schema: { params: partParams, response: { 200: impairedSchema, '4xx': failureSchema } } },
    async (request) => (await supervisor.part(request.params.name).impaired()) ?? null,
  );

  fastify.delete('/parts/:name/fault', { schema: { params: partParams } }, async (request, reply) => {
    supervisor.part(request.params.name).endFault();
    return reply.code(204).send();
  });

  fastify.post('/down', async (_request, reply) => {
    await options.down();
    return reply.code(204).send();
  });

  makeSocketDirectory(directory);
  rmSync(directory.socket, { force: true });
  await fastify.listen({ path: directory.socket });
  chmodSync(directory.socket, 0o600);
  return async () => {
    await fastify.close();
    rmSync(directory.socket, { force: true });
  };
}
