import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { callerHeader, drainHeader, drainMs, replicaCheck } from '@microshop/topology';
import { pino } from 'pino';
import { health } from './health.ts';
import { createService } from './service.ts';

async function listening() {
  const service = await createService({
    name: 'things',
    description: 'Things',
    version: '0',
    logger: pino({ level: 'silent' }),
  });
  await service.register(health, { service: 'things', database: async () => undefined, optional: {} });
  service.get('/things', async () => []);
  const address = await service.listen({ host: '127.0.0.1', port: 0 });
  // a connection per request, as none of them shall hold up the end
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const [answer] = await once(get(address + path, { headers, agent: new Agent() }), 'response');
    answer.resume();
    return { status: answer.statusCode, leaves: answer.headers[drainHeader] };
  };
  return { service, ask };
}

test('watched by a caller, it keeps serving while it reports that it leaves, and then ends', async () => {
  const { service, ask } = await listening();
  assert.deepEqual(await ask(replicaCheck.path, { [callerHeader]: 'gateway' }), {
    status: 200,
    leaves: undefined,
  });
  const begun = performance.now();
  const closed = service.close().then(() => performance.now() - begun);
  // its closing is reported from the next turn of the event loop on
  while (!service.draining()) await new Promise(setImmediate);
  assert.deepEqual(await ask(replicaCheck.path), { status: 503, leaves: 'true' });
  assert.deepEqual(await ask('/things'), { status: 200, leaves: 'true' });
  assert.deepEqual(await ask('/health/live'), { status: 200, leaves: 'true' });
  assert.ok((await closed) >= drainMs - 20);
  await assert.rejects(ask('/things'), { code: 'ECONNREFUSED' });
});

test('not watched, it ends at once: other checks of its health name no caller', async () => {
  const { service, ask } = await listening();
  assert.equal((await ask(replicaCheck.path)).status, 200);
  await service.close();
  assert.equal(service.draining(), false);
  await assert.rejects(ask('/things'), { code: 'ECONNREFUSED' });
});
