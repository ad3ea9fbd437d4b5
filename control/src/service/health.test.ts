import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { eventually } from '@microshop/program-kit/testing/eventually';
import Fastify from 'fastify';
import { type Changes, readChanges } from '../changes/store.ts';
import { registerHealth } from './health.ts';
import { RefusedError, shopClient } from './shop.ts';

const refused = new RefusedError('POST /api/users', {
  status: 503,
  code: 'dependency_unavailable',
  detail: 'on purpose',
  trace_id: '0'.repeat(32),
});

/** A mesh as it is from the topology, or with that many lasting changes. */
async function changes(policyRecords: Changes['policyRecords']): Promise<Changes> {
  return { ...(await readChanges('/nonexistent')), policyRecords };
}

/** The status of readiness of a control service whose shop answers like that, once it has met it twice. */
async function readiness(t: TestContext, error: Error, changed: Changes): Promise<number> {
  let calls = 0;
  const createUser = () => {
    calls += 1;
    return Promise.reject(error);
  };
  const fastify = Fastify();
  registerHealth(fastify, { ...shopClient('http://127.0.0.1:1'), createUser }, { read: async () => changed });
  t.after(() => fastify.close());
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  // the second attempt begins when what the first one came to is known
  await eventually('the shop was asked twice', () => calls > 1);
  return (await fastify.inject('/health/ready')).statusCode;
}

const slow: Changes['policyRecords'] = [{ caller: 'gateway', callee: 'users', change: { timeout_ms: 1 } }];

test('a shop that refuses the demo data because somebody changed the mesh does not keep it from coming up', async (t) => {
  assert.equal(await readiness(t, refused, await changes(slow)), 200);
});

test('a shop that refuses it without such a reason, or does not answer, does', async (t) => {
  assert.equal(await readiness(t, refused, await changes([])), 503);
  const away = new UnreachableError('gateway does not answer (connection refused)', 'gateway');
  assert.equal(await readiness(t, away, await changes(slow)), 503);
});

test('a reason to wait is logged once, and it is not called ready meanwhile', async (t) => {
  const reasons: string[] = [];
  const stream = { write: (line: string) => void reasons.push(JSON.parse(line).reason) };
  const fastify = Fastify({ logger: { level: 'info', stream } });
  const away = new UnreachableError('gateway does not answer (connection refused)', 'gateway');
  let calls = 0;
  let ready = 0;
  const shop = {
    ...shopClient('http://127.0.0.1:1'),
    users: async () => [],
    products: async () => [],
    createProduct: async () => assert.fail('no product'),
    createUser: () => {
      calls += 1;
      return Promise.reject(away);
    },
  };
  registerHealth(fastify, shop, { read: async () => changes([]) }, () => (ready += 1));
  t.after(() => fastify.close());
  await fastify.listen({ host: '127.0.0.1', port: 0 });
  await eventually('the shop was asked three times', () => calls > 2);
  assert.deepEqual(
    reasons.filter((reason) => reason !== undefined),
    [away.message],
  );
  assert.equal(ready, 0);
});
