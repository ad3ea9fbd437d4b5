import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger, createService } from '@microshop/service-kit';
import { registerLive } from './live.ts';
import type { OverviewReader } from './reading.ts';
import type { Overview } from './schemas.ts';

const overview: Overview = {
  at: 1,
  window_s: 20,
  nodes: [],
  edges: [],
  parts: [],
  traffic: { rate: 0, left_s: 0, placed: 0, refused: 0, failed: 0 },
  lacks: [],
};

/** Reads a stream until that is in it. */
async function readUntil(reader: ReadableStreamDefaultReader<string>, wanted: string): Promise<string> {
  let text = '';
  await eventually(`${wanted} arrives`, async () => {
    text += (await reader.read()).value ?? '';
    return text.includes(wanted);
  });
  return text;
}

/** A service with the stream, and what opens it. */
async function live(reader: OverviewReader) {
  const fastify = await createService({ name: 'control', logger: createLogger('control', 'silent') });
  registerLive(fastify, reader);
  const address = await fastify.listen({ host: '127.0.0.1', port: 0 });
  const open = async (signal?: AbortSignal) => {
    const { body } = await fetch(`${address}/api/console/live`, signal === undefined ? {} : { signal });
    return (body ?? assert.fail('no stream')).pipeThrough(new TextDecoderStream()).getReader();
  };
  return { fastify, open, address };
}

test('the mesh is read once for all pages that listen, not at all for none, and an open page holds up no end', async () => {
  let readings = 0;
  const { fastify, open } = await live({
    early: async () => overview,
    whole: async () => {
      readings += 1;
      return { ...overview, at: readings };
    },
  });
  const leaving = new AbortController();
  assert.equal(readings, 0);
  const [one, other] = [await open(leaving.signal), await open()];
  for (const reader of [one, other]) await readUntil(reader, 'event: overview\ndata: {"at":1,');
  assert.equal(readings, 1);
  leaving.abort();
  await fastify.close();
  while (!(await other.read()).done);
});

test('what is known without asking anybody comes at once, and the last reading where that is fresh', async () => {
  const slow = Promise.withResolvers<void>();
  let known = 0;
  const at = Date.now();
  const { fastify, open } = await live({
    early: async () => {
      known += 1;
      return { ...overview, at: 7 };
    },
    whole: async () => {
      await slow.promise;
      return { ...overview, at };
    },
  });
  const first = await open();
  await readUntil(first, '"at":7,');
  slow.resolve();
  await readUntil(first, `"at":${at},`);
  await readUntil(await open(), `"at":${at},`);
  assert.equal(known, 1);
  await fastify.close();
});

test('who asks for the head alone gets no stream that nobody ends', async () => {
  const { fastify, address } = await live({ early: async () => overview, whole: async () => overview });
  const { status } = await fetch(`${address}/api/console/live`, {
    method: 'HEAD',
    signal: AbortSignal.timeout(2000),
  });
  assert.equal(status, 404);
  await fastify.close();
});
