import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger, createService } from '@microshop/service-kit';
import { registerLive } from './live.ts';
import type { Overview } from './schemas.ts';

const overview: Overview = {
  at: 1,
  window_s: 20,
  nodes: [],
  edges: [],
  parts: [],
  traffic: { rate: 0, left_s: 0, placed: 0, refused: 0 },
  lacks: [],
};

test('the mesh is read once for all pages that listen, not at all for none, and an open page holds up no end', async () => {
  const fastify = await createService({ name: 'control', logger: createLogger('control', 'silent') });
  let readings = 0;
  registerLive(fastify, async () => {
    readings += 1;
    return { ...overview, at: readings };
  });
  const address = await fastify.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const open = async (signal?: AbortSignal) => {
    const { body } = await fetch(`${address}/api/console/live`, signal === undefined ? {} : { signal });
    return (body ?? assert.fail('no stream')).pipeThrough(new TextDecoderStream()).getReader();
  };
  assert.equal(readings, 0);
  const [one, other] = [await open(leaving.signal), await open()];
  for (const reader of [one, other]) {
    let text = '';
    await eventually('the reading arrives', async () => {
      text += (await reader.read()).value ?? '';
      return text.includes('event: overview\ndata: {"at":1,');
    });
  }
  assert.equal(readings, 1);
  leaving.abort();
  await fastify.close();
  while (!(await other.read()).done);
});
