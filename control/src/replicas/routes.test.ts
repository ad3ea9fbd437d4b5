import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger, createService } from '@microshop/service-kit';
import { problemOf } from '../service/problem.ts';
import { createRegistry } from './registry.ts';
import { registerReplicas } from './routes.ts';

async function service() {
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  const registry = createRegistry();
  registerReplicas(fastify, registry, async ({ headers }) => ({
    identity: 'orders',
    pod: headers.authorization ?? right.pod,
  }));
  return { fastify, registry };
}

const right = { identity: 'orders', pod: 'orders-6d9f-x', address: '10.0.0.7', wait_ms: '0' };

test('what an agent asks wrongly is refused with the name of the field, and nobody is known by it', async () => {
  const { fastify, registry } = await service();
  for (const [wrong, said] of [
    [{ identity: 'nope' }, /^query\.identity must be one of \["gateway"/],
    [{ pod: 'UPPER' }, /^query\.pod has characters that are not allowed/],
    [{ pod: '' }, /^query\.pod has characters that are not allowed/],
    [{ address: 'orders' }, /^query\.address must match format "ipv4"/],
    [{ replica: '0' }, /^query\.replica must be >= 1/],
    [{ have: 'latest' }, /^query\.have has characters that are not allowed/],
    [{ loaded: '../../etc' }, /^query\.loaded has characters that are not allowed/],
    [{ refused: '-1' }, /^query\.refused must be >= 0/],
    [{ wait_ms: '30001' }, /^query\.wait_ms must be <= 30000/],
    [{ service: 'orders' }, /^query\.service is not a known field; remove it/],
  ] as const) {
    const answer = await fastify.inject({ url: '/api/agent/state', query: { ...right, ...wrong } });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.json().detail, said);
  }
  const without = await fastify.inject({ url: '/api/agent/state', query: { identity: 'orders' } });
  assert.match(without.json().detail, /^query\.pod is required/);
  assert.deepEqual(registry.list(), []);
  await fastify.close();
});

test('a pod asks for itself only', async () => {
  const { fastify, registry } = await service();
  for (const [query, authorization] of [
    [{ ...right, identity: 'users' }, undefined],
    [right, 'orders-other'],
  ] as const) {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fastify.inject({ url: '/api/agent/state', query, headers });
    assert.equal(answer.statusCode, 403, answer.body);
    assert.match(answer.json().detail, /^The token is that of orders in the pod orders-/);
  }
  assert.deepEqual(registry.list(), []);
  await fastify.close();
});

test('an answer has the state, and 204 says that there is no other', async () => {
  const { fastify } = await service();
  const first = await fastify.inject({ url: '/api/agent/state', query: right });
  assert.equal(first.statusCode, 200);
  const { version, replica, ...rest } = first.json();
  assert.deepEqual(rest, { authority: null, faults: [], policies: [] });
  const query = { ...right, have: version, replica: String(replica), loaded: version };
  const second = await fastify.inject({ url: '/api/agent/state', query });
  assert.deepEqual([second.statusCode, second.body], [204, '']);
  const listed = await fastify.inject('/api/agent/replicas');
  const [known] = listed.json().replicas;
  assert.deepEqual([known.part, known.pod, known.loaded], ['orders-sidecar', right.pod, version]);
  await fastify.close();
});

test('closing answers who waits', async () => {
  const { fastify, registry } = await service();
  const url = await fastify.listen({ host: '127.0.0.1', port: 0 });
  const ask = (query: Record<string, string>) =>
    fetch(`${url}/api/agent/state?${new URLSearchParams(query)}`);
  const { version }: { version: string } = JSON.parse(await (await ask(right)).text());
  const waiting = ask({ ...right, have: version, replica: '1', loaded: version, wait_ms: '30000' });
  await eventually('it waits', () => registry.list()[0]?.loaded === version);
  const begun = performance.now();
  await fastify.close();
  assert.equal((await waiting).status, 204);
  assert.ok(performance.now() - begun < 20_000, 'not in the time of the wait');
});
