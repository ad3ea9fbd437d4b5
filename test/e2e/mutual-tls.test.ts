/** Pods on the running mesh: who may call whom, no call without a certificate, and certificates that change under load. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, call } from '@microshop/envoy/testing/call.ts';
import { asCaller, shownSerial, type TlsCall } from '@microshop/envoy/testing/certificates.ts';
import { forge, forgeries } from '@microshop/envoy/testing/forgeries.ts';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { callerHeader, callersOf, identities, type ServiceName, services } from '@microshop/topology';
import type { Inside } from '../harness/driver.ts';
import { counters } from '../harness/envoy.ts';
import { mesh } from '../harness/mesh.ts';
import { endOf, isLate, newProduct, newUser, placeOrder, request } from '../harness/shop.ts';

/** Pause of each client before its next request, milliseconds: enough load to lose one, not so much that a busy machine refuses it. */
const pauseMs = 50;

let inside: Inside;
before(async () => {
  inside = await mesh.inside();
});
after(() => inside.close());

async function callInbound(
  callee: ServiceName,
  headers: Record<string, string>,
  tls?: TlsCall,
): Promise<Answer> {
  const { host, port } = inside.inbound(callee);
  const scheme = tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${host}:${port}/health/live`;
  return await call(url, tls === undefined ? { headers } : { headers, tls });
}

test('every caller and every callee: let in or refused as the topology says', async () => {
  for (const caller of identities) {
    const material = await inside.certificate(caller);
    for (const { name: callee } of services) {
      const tls = asCaller(material, callee);
      const answer = await callInbound(callee, { [callerHeader]: caller }, tls);
      const expected = callersOf(callee).includes(caller) ? 200 : 403;
      assert.equal(answer.status, expected, `${caller} to ${callee}: ${answer.text}`);
      if (expected === 403) assert.equal(answer.json()['code'], 'forbidden');
    }
  }
});

test('no call gets in plainly, without a certificate, or under the name of another', async () => {
  const { ca, ...gateway } = await inside.certificate('gateway');
  for (const { name: callee } of services) {
    const headers = { [callerHeader]: 'gateway' };
    await assert.rejects(callInbound(callee, headers), { name: 'Error' });
    await assert.rejects(callInbound(callee, headers, asCaller({ ca }, callee)), { name: 'Error' });
    const tls = asCaller({ ca, ...gateway }, callee);
    assert.equal((await callInbound(callee, headers, tls)).status, 200);
    assert.equal((await callInbound(callee, { [callerHeader]: 'orders' }, tls)).status, 403);
  }
});

/** Asserts that no connection to users comes about that way, and that its sidecar counts why. */
async function assertNoConnection(counted: string, tls?: TlsCall): Promise<void> {
  const count = async () => {
    const found = await counters('users', `^listener\\..*_15006\\.${counted}$`);
    return [...found.values()].reduce((sum, one) => sum + one, 0);
  };
  const before = await count();
  await assert.rejects(callInbound('users', { [callerHeader]: 'orders' }, tls), { name: 'Error' });
  await eventuallyDespiteErrors(`${counted} has counted it`, async () =>
    (await count()) > before ? true : undefined,
  );
}

test('plaintext, no certificate, an older TLS: no connection', async () => {
  const { ca, ...own } = await inside.certificate('orders');
  await assertNoConnection('ssl.connection_error');
  await assertNoConnection('ssl.fail_verify_no_cert', asCaller({ ca }, 'users'));
  await assertNoConnection('ssl.connection_error', {
    ...asCaller({ ca, ...own }, 'users'),
    maxVersion: 'TLSv1.2',
  });
});

test('a forged certificate: no connection; one made in the same way with nothing wrong is let in', async (t) => {
  const authority = await inside.authority();
  const right = asCaller(await forge(authority, {}), 'users');
  assert.equal((await callInbound('users', { [callerHeader]: 'orders' }, right)).status, 200);
  for (const [what, forgery, counted] of forgeries) {
    await t.test(what, async () => {
      await assertNoConnection(counted, asCaller(await forge(authority, forgery), 'users'));
    });
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

/** How often certificates are renewed one after the other. In containers once shows that they come through the volumes. */
const renewals = mesh.mode === 'native' ? 3 : 1;

test('certificates are renewed again and again under load: every request is answered', async () => {
  const failedBefore = await failedConnections();
  const [user, product] = await Promise.all([newUser(), newProduct(1_000_000)]);
  const answers: string[] = [];
  const orders: number[] = [];
  let ending = false;
  const reader = async (): Promise<void> => {
    while (!ending) {
      const answer = await request('GET', `/api/users/${user.id}`);
      if (!isLate(answer)) answers.push(`GET ${answer.status}`);
      await delay(pauseMs);
    }
  };
  const buyer = async (): Promise<void> => {
    while (!ending) {
      const answer = await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });
      if (!isLate(answer)) answers.push(`POST ${answer.status}`);
      if (answer.status === 201) orders.push(answer.body.id);
      await delay(pauseMs);
    }
  };
  const load = Promise.all([reader(), reader(), buyer(), buyer()]);

  // it stays good when another has taken its place
  const material = await inside.certificate('gateway');
  const shown = (callee: ServiceName) => shownSerial(inside.inbound(callee), material);
  try {
    for (let turn = 1; turn <= renewals; turn += 1) {
      const before = new Map<ServiceName, string>();
      for (const { name } of services) before.set(name, await shown(name));
      await inside.renewCertificates();
      for (const { name } of services) {
        await eventuallyDespiteErrors(`${name} shows another certificate, turn ${turn}`, async () =>
          (await shown(name)) === before.get(name) ? undefined : true,
        );
      }
      const target = answers.length + 40;
      await eventuallyDespiteErrors('the load goes on', async () =>
        answers.length >= target ? true : undefined,
      );
    }
  } finally {
    ending = true;
    await load;
  }
  assert.deepEqual([...new Set(answers)].sort(), ['GET 200', 'POST 201']);
  assert.equal(await failedConnections(), failedBefore);
  for (const id of orders) assert.equal((await endOf(id)).status, 'CONFIRMED');
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
