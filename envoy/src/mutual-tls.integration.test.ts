/** Who may call whom, against running sidecars and with real certificates: every caller, every callee, every forgery. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import {
  callerHeader,
  callersOf,
  certificatesDirectory,
  edges,
  type Identity,
  identities,
  podPorts,
  podsOf,
  type ServiceName,
  services,
  spiffeId,
  traceIdHeader,
} from '@microshop/topology';
import { readAuthority } from './certificates/authority.ts';
import { type Answer, call } from './testing/call.ts';
import { asCaller, materialOf, type TlsCall, type TlsMaterial } from './testing/certificates.ts';
import { type Forgery, forge, forgeries } from './testing/forgeries.ts';
import { adminOf, logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, patienceMs, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement();
let servers: Servers;
const apps = new Map<ServiceName, Upstream>();

before(async () => {
  servers = await createServers();
  for (const pod of placement.pods) {
    const app = await servers.serve({ host: pod.localBind, port: podPorts.app }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    apps.set(pod.service, app);
  }
  await startEnvoys(
    servers,
    placement,
    placement.pods.map((pod) => pod.sidecar),
  );
});

after(() => servers.close());

beforeEach(() => {
  for (const app of apps.values()) app.received.length = 0;
});

function inbound(callee: ServiceName, scheme: 'http' | 'https' = 'https'): string {
  const [pod] = podsOf(placement, callee);
  assert.ok(pod);
  return `${scheme}://${pod.inbound.host}:${pod.inbound.port}/api/${callee}`;
}

function callsTaken(callee: ServiceName): number {
  const app = apps.get(callee);
  assert.ok(app);
  return app.received.length;
}

async function callAs(
  caller: Identity,
  callee: ServiceName,
  headers: Readonly<Record<string, string>> = { [callerHeader]: caller },
): Promise<Answer> {
  return await call(inbound(callee), {
    tls: asCaller(await materialOf(servers.directory, caller), callee),
    headers,
  });
}

/** One of the sidecar's counters. */
async function counter(callee: ServiceName, name: string): Promise<number> {
  const { text } = await call(`${origin(adminOf(placement, `${callee}-sidecar`))}/stats?filter=${name}$`);
  return Number(/: (\d+)/.exec(text)?.[1]);
}

/** Asserts that no request to users comes through that way, that Envoy counts why, and that the app saw nothing. */
async function assertNoConnection(counted: string, url: string, tls?: TlsCall): Promise<void> {
  const before = await counter('users', counted);
  const headers = { [callerHeader]: 'orders' };
  await assert.rejects(call(url, tls === undefined ? { headers } : { headers, tls }), { name: 'Error' });
  await eventually(
    `${counted} has counted it`,
    async () => (await counter('users', counted)) === before + 1,
    patienceMs,
  );
  assert.equal(callsTaken('users'), 0);
}

test('every caller and every callee: let in or refused as the topology says', async () => {
  let allowed = 0;
  for (const { name: callee } of services) {
    for (const caller of identities) {
      const before = callsTaken(callee);
      const answer = await callAs(caller, callee);
      if (callersOf(callee).includes(caller)) {
        allowed += 1;
        assert.equal(answer.status, 200, `${caller} to ${callee}: ${answer.text}`);
        assert.equal(callsTaken(callee), before + 1);
      } else {
        assertProblem(answer, 403, 'forbidden', `/api/${callee}`);
        assert.equal(
          answer.json()['detail'],
          `The topology has no call from ${spiffeId(caller)} as "${caller}" to ${callee}`,
        );
        assert.equal(callsTaken(callee), before, `${caller} to ${callee} did not reach the app`);
      }
    }
  }
  assert.equal(allowed, services.length + edges.length, 'gateway to each, and every edge');
  assert.ok(services.length >= 3 && edges.length >= 2, 'those of an order among them');
});

test("nobody calls under another's name", async () => {
  for (const certificate of ['gateway', 'orders', 'products'] as const) {
    for (const claimed of identities) {
      const answer = await callAs(certificate, 'users', { [callerHeader]: claimed });
      const right = certificate === claimed && callersOf('users').includes(certificate);
      assert.equal(answer.status, right ? 200 : 403, `${certificate} as ${claimed}`);
    }
    assert.equal((await callAs(certificate, 'users', {})).status, 403, `${certificate} without a name`);
  }
});

test('the log and the counter tell who was refused', async () => {
  const before = await counter('users', 'http.inbound.rbac.denied');
  const answer = await callAs('products', 'users');
  const line = await logged(servers, 'users-sidecar', String(answer.headers[traceIdHeader]));
  assert.equal(line['caller_identity'], spiffeId('products'));
  assert.equal(line['response_code_details'], 'rbac_access_denied_matched_policy[none]');
  assert.equal(await counter('users', 'http.inbound.rbac.denied'), before + 1);
});

test('what a caller says about certificates does not reach the app', async () => {
  const answer = await callAs('orders', 'users', {
    [callerHeader]: 'orders',
    'x-forwarded-client-cert': 'URI=spiffe://microshop.mesh/gateway',
  });
  assert.equal(answer.status, 200);
  assert.equal(apps.get('users')?.received[0]?.headers['x-forwarded-client-cert'], undefined);
});

test('plaintext, no certificate, an older TLS: no connection', async () => {
  const { ca, ...own } = await materialOf(servers.directory, 'orders');
  await assertNoConnection('ssl.connection_error', inbound('users', 'http'));
  await assertNoConnection('ssl.fail_verify_no_cert', inbound('users'), asCaller({ ca }, 'users'));
  const old = { ...asCaller({ ca, ...own }, 'users'), maxVersion: 'TLSv1.2' } as const;
  await assertNoConnection('ssl.connection_error', inbound('users'), old);
});

async function forged(forgery: Forgery): Promise<TlsMaterial> {
  const authority = await readAuthority(join(servers.directory, certificatesDirectory));
  assert.ok(authority);
  return await forge(authority, forgery);
}

test('a certificate made in the same way, with nothing wrong, is let in', async () => {
  const tls = asCaller(await forged({}), 'users');
  const answer = await call(inbound('users'), { tls, headers: { [callerHeader]: 'orders' } });
  assert.equal(answer.status, 200, answer.text);
});

for (const [what, forgery, counted] of forgeries) {
  test(`a caller's certificate ${what}: no connection`, async () => {
    await assertNoConnection(counted, inbound('users'), asCaller(await forged(forgery), 'users'));
  });
}

test('an identity of ours that the topology does not know: forbidden', async () => {
  const tls = asCaller(await forged({ uri: 'spiffe://microshop.mesh/payments' }), 'users');
  const answer = await call(inbound('users'), { tls, headers: { [callerHeader]: 'payments' } });
  assertProblem(answer, 403, 'forbidden', '/api/users');
});
