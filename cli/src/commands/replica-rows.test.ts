import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { readReplicas, replicaLines } from './replica-rows.ts';

const [first, second] = ['0123456789ab', 'ba9876543210'];
const replica = (number: number, loaded: string | null) => ({
  identity: 'orders',
  part: number === 1 ? 'orders-sidecar' : `orders-sidecar-${number}`,
  replica: number,
  pod: `orders-${number}`,
  address: '10.0.0.1',
  version: second,
  loaded,
  refused: 0,
  seen_at: 0,
});

test('each pod is listed with the version that it has, and the one that it is to have', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/api/agent/replicas' ? 200 : 404, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify({ replicas: [replica(1, second), replica(2, first), replica(3, null)] }));
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const replicas = await readReplicas(`http://127.0.0.1:${address.port}`);
  assert.deepEqual(replicas[1], {
    part: 'orders-sidecar-2',
    pod: 'orders-2',
    version: second,
    loaded: first,
  });
  assert.deepEqual(
    replicaLines(replicas).map((line) => stripVTControlCharacters(line).replaceAll(/ {2,}/g, ' | ').trim()),
    [
      '',
      'replica | pod | version of what was changed',
      `orders-sidecar | orders-1 | ${second}`,
      `orders-sidecar-2 | orders-2 | ${first}, not ${second}`,
      `orders-sidecar-3 | orders-3 | none yet, not ${second}`,
    ],
  );
});

test('where the control service does not answer, or knows none, there is no table', async () => {
  assert.deepEqual(await readReplicas('http://127.0.0.1:1'), []);
  assert.deepEqual(replicaLines([]), []);
});
