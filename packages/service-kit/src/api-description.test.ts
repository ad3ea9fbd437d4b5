import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Type } from 'typebox';
import { pageQuery } from './pagination.ts';
import { id, idParams, problemRef } from './schemas.ts';
import { createService, type Service } from './service.ts';
import { faultsOfDescription } from './testing/description.ts';

const thing = Type.Object({ id });
const newThing = Type.Object({ name: Type.String() }, { examples: [{ name: 'a' }] });

async function things(service: Service): Promise<void> {
  service.post(
    '/api/things',
    { schema: { operationId: 'make', summary: 'Make', body: newThing, response: { 201: thing } } },
    async () => ({ id: 1 }),
  );
  service.get(
    '/api/things',
    {
      schema: {
        operationId: 'list',
        summary: 'List',
        querystring: Type.Object(pageQuery),
        response: { 200: Type.Array(thing) },
      },
    },
    async () => [],
  );
  service.get(
    '/api/things/:id',
    {
      schema: {
        operationId: 'show',
        summary: 'Show',
        params: idParams,
        response: { 200: thing, 404: problemRef },
      },
    },
    async () => ({ id: 1 }),
  );
}

test('a description that is complete', async () => {
  assert.deepEqual(await faultsOfDescription('things', things), []);
});

test('what a description lacks is said', async () => {
  const faults = await faultsOfDescription('things', async (service) => {
    service.post(
      '/api/things',
      {
        schema: {
          body: Type.Object({ name: Type.String() }),
          querystring: Type.Object({ color: Type.String(), size: Type.Integer({ examples: ['x'] }) }),
          response: { 201: Type.Object({ name: Type.String() }) },
        },
      },
      async () => ({ name: 'a' }),
    );
  });
  assert.deepEqual(faults, [
    'post /api/things: no operationId',
    'post /api/things: no summary',
    'post /api/things: color has no example',
    'post /api/things: the example of size does not fit: data must be integer',
    'post /api/things: body has no example',
    'post /api/things: 201.name has no example',
  ]);
});

/** Statuses each operation declares. */
async function declared(): Promise<Record<string, string[]>> {
  const logger = pino({ level: 'silent' });
  const service = await createService({ name: 'things', description: '', version: '0', logger });
  await service.register(things);
  const { paths }: { paths: Record<string, Record<string, { responses: object }>> } = JSON.parse(
    (await service.inject('/docs/things/json')).body,
  );
  await service.close();
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { responses }]) => [
        `${method} ${path}`,
        Object.keys(responses).sort(),
      ]),
    ),
  );
}

test('an operation declares what can come of any request, of a body where it has one, and what its route names', async () => {
  const any = ['400', '429', '431', '500', '503', '504', 'default'];
  assert.deepEqual(await declared(), {
    'post /api/things': ['201', ...any, '408', '413', '415'].sort(),
    'get /api/things': ['200', ...any].sort(),
    'get /api/things/{id}': ['200', '404', ...any].sort(),
  });
});
