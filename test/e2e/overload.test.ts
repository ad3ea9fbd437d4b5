/** A service that cannot keep up says so at once, stays alive, and serves again when it can. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call } from '@microshop/envoy/testing/call.ts';
import { asCaller } from '@microshop/envoy/testing/certificates.ts';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { callerHeader } from '@microshop/topology';
import type { Inside } from '../harness/driver.ts';
import { mesh } from '../harness/mesh.ts';
import { valueNow } from '../harness/prometheus.ts';
import { type Answer, newUser, type ProblemAnswer, request } from '../harness/shop.ts';

let inside: Inside;
before(async () => {
  inside = await mesh.inside();
});
after(() => inside.close());

const shedByPrometheus = () => valueNow('sum(shop_requests_shed_total{shop_shed_reason="pool_wait"})');

test('queries that all wait: new requests are refused as overloaded, health stays, and it ends by itself', async () => {
  const user = await newUser();
  const read = () => request('GET', `/api/users/${user.id}`);
  assert.equal((await read()).status, 200);
  const shedBefore = await shedByPrometheus();
  // read before the table is locked: those who wait for it have 4 s at the gateway
  const tls = asCaller(await inside.certificate('gateway'), 'users');

  const answers: Answer<ProblemAnswer>[] = [];
  const pending: Promise<unknown>[] = [];
  const overloaded = () => answers.find((answer) => answer.body.code === 'overloaded');
  await mesh.locked('users', 'users', async () => {
    const refused = await eventuallyDespiteErrors('a request is refused as overloaded', async () => {
      // more all the time, as clients would: connections first, then places in the queue
      for (let count = 0; count < 3; count += 1) {
        pending.push(read().then((answer) => answers.push(answer)));
      }
      return overloaded();
    });
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.match(refused.headers.get('content-type') ?? '', /problem\+json/);
    assert.match(refused.body.detail, /^Queries wait \d+ ms for a connection to the database$/);
    assert.match(refused.traceId, /^[0-9a-f]{32}$/);

    const { host, port } = inside.inbound('users');
    for (const path of ['/health/live', '/health/ready']) {
      const health = await call(`https://${host}:${port}${path}`, {
        headers: { [callerHeader]: 'gateway' },
        tls,
      });
      assert.equal(health.status, 200, `${path}: ${health.text}`);
    }
  });

  await Promise.all(pending);
  // served in the end, refused, or for who held a connection all the time, out of time
  assert.ok(
    answers.every((answer) => [200, 503, 504].includes(answer.status)),
    JSON.stringify([...new Set(answers.map((answer) => answer.status))]),
  );
  await eventuallyDespiteErrors('it serves again', async () =>
    (await read()).status === 200 ? true : undefined,
  );
  await eventuallyDespiteErrors(
    'Prometheus knows',
    async () => ((await shedByPrometheus()) > shedBefore ? true : undefined),
    30_000,
  );
});
