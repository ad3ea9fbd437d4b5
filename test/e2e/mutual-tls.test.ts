/** Pods on the running mesh: who may call whom, nobody without a certificate, and certificates that change under load. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, call, type TlsCall } from '@microshop/envoy/testing/call.ts';
import { asCaller, shownSerial } from '@microshop/envoy/testing/certificates.ts';
import { callerHeader, callersOf, identities, type ServiceName, services } from '@microshop/topology';
import type { Inside } from '../harness/driver.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, newProduct, newUser, placeOrder, request } from '../harness/shop.ts';
import { waitFor } from '../harness/wait.ts';

const { inside } = mesh;
const onlyInside = { skip: inside === undefined ? 'the inside cannot be reached from here' : false };

/** The inside; tests that need it are skipped where there is none. */
function within(): Inside {
  assert.ok(inside);
  return inside;
}

async function callInbound(
  callee: ServiceName,
  headers: Record<string, string>,
  tls?: TlsCall,
): Promise<Answer> {
  const { host, port } = within().inbound(callee);
  const scheme = tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${host}:${port}/health/live`;
  return await call(url, tls === undefined ? { headers } : { headers, tls });
}

test('every caller and every callee: let in or refused as the topology says', onlyInside, async () => {
  for (const { name: callee } of services) {
    for (const caller of identities) {
      const tls = asCaller(await within().certificate(caller), callee);
      const answer = await callInbound(callee, { [callerHeader]: caller }, tls);
      const expected = callersOf(callee).includes(caller) ? 200 : 403;
      assert.equal(answer.status, expected, `${caller} to ${callee}: ${answer.text}`);
      if (expected === 403) assert.equal(answer.json()['code'], 'forbidden');
    }
  }
});

test('nobody gets in plainly, without a certificate, or under the name of another', onlyInside, async () => {
  for (const { name: callee } of services) {
    const { ca, ...gateway } = await within().certificate('gateway');
    const headers = { [callerHeader]: 'gateway' };
    await assert.rejects(callInbound(callee, headers), { name: 'Error' });
    await assert.rejects(callInbound(callee, headers, asCaller({ ca }, callee)), { name: 'Error' });
    const tls = asCaller({ ca, ...gateway }, callee);
    assert.equal((await callInbound(callee, headers, tls)).status, 200);
    assert.equal((await callInbound(callee, { [callerHeader]: 'orders' }, tls)).status, 403);
  }
});

/** Connections between pods that could not be made so far, by all Envoys. */
async function failedConnections(): Promise<number> {
  let failed = 0;
  for (const envoy of ['gateway', 'users', 'products', 'orders']) {
    const url = `${mesh.admin(envoy)}/stats?filter=cluster.(users|products|orders).upstream_cx_connect_fail$`;
    const text = await (await fetch(url)).text();
    for (const [, count] of text.matchAll(/: (\d+)$/gm)) failed += Number(count);
  }
  return failed;
}

test('certificates are renewed three times under load: every request is answered', onlyInside, async () => {
  const failedBefore = await failedConnections();
  const [user, product] = await Promise.all([newUser(), newProduct(1_000_000)]);
  const answers: string[] = [];
  const orders: number[] = [];
  let ending = false;
  const reader = async (): Promise<void> => {
    while (!ending) answers.push(`GET ${(await request('GET', `/api/users/${user.id}`)).status}`);
  };
  const buyer = async (): Promise<void> => {
    while (!ending) {
      const { status, body } = await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });
      answers.push(`POST ${status}`);
      if (status === 201) orders.push(body.id);
    }
  };
  const load = Promise.all([reader(), reader(), buyer(), buyer()]);

  const shown = async (callee: ServiceName) =>
    await shownSerial(within().inbound(callee), await within().certificate('gateway'));
  try {
    for (let turn = 1; turn <= 3; turn += 1) {
      const before = new Map<ServiceName, string>();
      for (const { name } of services) before.set(name, await shown(name));
      await within().renewCertificates();
      for (const { name } of services) {
        await waitFor(`${name} shows another certificate, turn ${turn}`, async () =>
          (await shown(name)) === before.get(name) ? undefined : true,
        );
      }
      const target = answers.length + 40;
      await waitFor('the load goes on', async () => (answers.length >= target ? true : undefined), 30_000);
    }
  } finally {
    ending = true;
    await load;
  }
  assert.deepEqual([...new Set(answers)].sort(), ['GET 200', 'POST 201']);
  assert.equal(await failedConnections(), failedBefore);
  for (const id of orders) assert.equal((await endOf(id, 30_000)).status, 'CONFIRMED');
});

test('each Envoy tells when its certificate ends', async () => {
  for (const envoy of ['gateway', 'users', 'products', 'orders']) {
    const metrics = await (await fetch(`${mesh.admin(envoy)}/stats/prometheus`)).text();
    const ends = [
      ...metrics.matchAll(
        /^envoy_\w+_ssl_certificate_expiration_unix_time_seconds\{.*"identity".*\} (\d+)$/gm,
      ),
    ];
    assert.ok(ends.length > 0, `${envoy} tells nothing`);
    for (const [, seconds] of ends) assert.ok(Number(seconds) > Date.now() / 1000, `${envoy}: ${seconds}`);
  }
});
