/** Agents between a control service of their own process and running Envoys: what is set there, is in effect here. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeRequest } from '@microshop/envoy/certificates/issue';
import { envoyBinary } from '@microshop/envoy/testing/binaries.ts';
import { makeCertificates, materialOf, type TlsMaterial } from '@microshop/envoy/testing/certificates.ts';
import { testPlacement } from '@microshop/envoy/testing/placement.ts';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { breakersOf, identities, topologyPolicies } from '@microshop/topology';
import { startApiServer, type TestApiServer } from '../replicas/testing/api-server.ts';
import { type ControlProcess, controlProcess } from './testing/control.ts';
import { startReplica, type TestReplica } from './testing/replica.ts';
import { standIn } from './testing/stand-in.ts';

const placement = testPlacement({ orders: 3 });

/** Time from the request to what every replica does, milliseconds. */
const inEffectMs = 3000;

/** What a busy machine may add to a time, milliseconds. */
const lateMs = 15_000;

let directory: string;
let kubernetes: TestApiServer;
let control: ControlProcess;
/** What the caller of the replicas shows and trusts, by the authority of the control service. */
let gateway: TlsMaterial;
const replicas: TestReplica[] = [];
let standIns: (() => Promise<void>)[] = [];

before(async () => {
  // before anything that would keep the process from its end
  envoyBinary();
  directory = await mkdtemp(path.join(tmpdir(), 'microshop-agents-'));
  kubernetes = await startApiServer(directory);
  const address = { host: placement.gateway.address.host, port: placement.control.port };
  control = controlProcess(directory, address, kubernetes);
  await control.start();
  await makeCertificates(directory);
  gateway = await materialOf(directory, 'gateway');
  const others = identities.filter((identity) => identity !== 'orders');
  standIns = await Promise.all(others.map((identity) => standIn(identity, control.url, directory)));
  for (const number of [1, 2]) replicas.push(await startReplica(placement, number, control.url, gateway));
});

after(async () => {
  await Promise.all([...replicas.map((replica) => replica.close()), ...standIns.map((end) => end())]);
  await control.kill();
  await kubernetes.close();
  await rm(directory, { recursive: true });
});

async function statuses(): Promise<number[]> {
  return await Promise.all(replicas.map((replica) => replica.status()));
}

async function eventuallyAll(status: number, limitMs: number): Promise<void> {
  let last: readonly number[] = [];
  const all = async () => {
    last = await statuses();
    return last.every((one) => one === status);
  };
  await eventually(`every replica answers ${status}`, all, limitMs).catch((error) =>
    assert.fail(`${error}: ${last.join()}; ${JSON.stringify(replicas.map(({ lines }) => lines.slice(-4)))}`),
  );
}

async function set(fault: object): Promise<void> {
  const answer = await control.ask('POST', '/api/faults', { service: 'orders', ...fault });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.waiting_for, []);
}

async function clear(): Promise<void> {
  assert.equal((await control.ask('DELETE', '/api/faults')).status, 200);
  assert.deepEqual(
    await statuses(),
    replicas.map(() => 200),
    'in effect when the answer comes',
  );
}

async function known(): Promise<{ part: string; pod: string; current: boolean }[]> {
  const { body } = await control.ask('GET', '/api/agent/replicas');
  assert.ok(body.replicas);
  const ofOrders = body.replicas.filter(({ identity }) => identity === 'orders');
  return ofOrders.map(({ part, pod, version, loaded }) => ({ part, pod, current: version === loaded }));
}

test('each replica is known by its number, with the version that it has applied', async () => {
  await eventually('both have reported', async () => (await known()).every(({ current }) => current));
  assert.deepEqual(await known(), [
    { part: 'orders-sidecar', pod: 'orders-1-of-test', current: true },
    { part: 'orders-sidecar-2', pod: 'orders-2-of-test', current: true },
  ]);
});

test('a stranger gets neither state nor certificate', async () => {
  const query = new URLSearchParams({
    identity: 'orders',
    pod: 'orders-9',
    address: '127.0.0.1',
    wait_ms: '0',
  });
  const authorization = 'Bearer stolen';
  const state = await fetch(`${control.url}/api/agent/state?${query}`, { headers: { authorization } });
  assert.equal(state.status, 401);
  const certificate = await fetch(`${control.url}/api/agent/certificate`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ request: (await makeRequest()).request }),
  });
  assert.equal(certificate.status, 401);
});

test('a fault is in effect on every replica when its answer comes, one that joins later has it, and hits are counted', async (t) => {
  const begun = performance.now();
  await set({ abort: 418 });
  assert.deepEqual(await statuses(), [418, 418]);
  const tookMs = performance.now() - begun;
  t.diagnostic(`in effect after ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < inEffectMs + lateMs, `${tookMs} ms`);

  replicas.push(await startReplica(placement, 3, control.url, gateway));
  assert.deepEqual(await statuses(), [418, 418, 418]);
  const { body } = await control.ask('GET', '/api/faults');
  assert.deepEqual(body.faults?.[0]?.waiting_for, []);
  assert.equal(body.faults?.[0]?.hits.aborts, 5);
  await clear();
});

test('a fault of one replica is met there only; a number that no replica has is refused', async () => {
  await set({ abort: 418, replica: 2 });
  assert.deepEqual(await statuses(), [200, 418, 200]);
  await clear();
  const refused = await control.ask('POST', '/api/faults', { service: 'orders', abort: 418, replica: 4 });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.detail, 'There is no replica 4 of orders: it has 3');
});

test('policies reach Envoys and the breakers of apps, and the answer waits for both', async () => {
  const answer = await control.ask('PUT', '/api/policies/orders/users', { breaker_capacity: 7, tries: 1 });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.waiting_for, []);
  assert.deepEqual(
    replicas.map((replica) => replica.breakers()?.users?.capacity),
    [7, 7, 7],
  );
  await control.ask('DELETE', '/api/policies');
  assert.deepEqual(
    replicas.map((replica) => replica.breakers()),
    replicas.map(() => breakersOf(topologyPolicies, 'orders')),
  );
});

test('what Envoy refuses is taken back everywhere, and every replica stays ready', async () => {
  const lease = await control.ask('POST', '/api/policy-leases', { for_ms: 60_000, unchecked: true });
  assert.equal(lease.status, 201);
  // Envoy wants the first pause to be the shorter one
  const broken = { back_off_base_ms: 500, back_off_max_ms: 100 };
  const answer = await control.ask('PUT', '/api/policies/orders/users', broken);
  assert.equal(answer.status, 409, JSON.stringify(answer.body));
  assert.match(answer.body.detail ?? '', /^Envoy refused orders-sidecar/);
  for (const replica of replicas) assert.equal(await replica.health('/ready'), 200);
  assert.equal((await control.ask('DELETE', `/api/policy-leases/${lease.body.id}`)).status, 200);
  await eventually('all have what there was before', async () =>
    (await known()).every(({ current }) => current),
  );
});

test('the control service is killed: calls go on, a fault ends in its time, also at an agent that is new, and the next one is followed', async () => {
  // long enough for a busy machine to start an agent in it
  const forMs = 10_000;
  const begun = performance.now();
  await set({ abort: 418, for_ms: forMs });
  await control.kill();
  assert.deepEqual(await statuses(), [418, 418, 418]);
  const [first] = replicas;
  assert.ok(first);
  await first.stopAgent();
  await first.startAgent();
  assert.equal(await first.health('/started'), 200, 'it goes on with what is on disk');
  assert.deepEqual(await statuses(), [418, 418, 418]);

  await eventuallyAll(200, forMs + lateMs - (performance.now() - begun));
  const lastedMs = performance.now() - begun;
  assert.ok(lastedMs >= forMs - 500, `not before its time: ${lastedMs} ms`);
  for (const replica of replicas) assert.equal(await replica.health('/ready'), 200);

  await control.start();
  await eventually('it knows them again', async () => (await known()).length === 3);
  await set({ abort: 418 });
  assert.deepEqual(await statuses(), [418, 418, 418]);
  await clear();
  assert.deepEqual(
    (await known()).map(({ part, pod }) => [part, pod]),
    replicas.map(({ settings }, index) => [
      index === 0 ? 'orders-sidecar' : `orders-sidecar-${index + 1}`,
      settings.pod,
    ]),
    'each has its number again',
  );
  for (const { lines } of replicas.slice(1)) {
    const said = lines.filter(({ msg }) => /cannot be followed/.test(msg)).map(({ reason }) => reason);
    assert.equal(new Set(said).size, said.length, `once for each reason: ${said.join()}`);
    assert.equal(lines.filter(({ msg }) => /control service is available again/.test(msg)).length, 1);
  }
});

test('policies on lease: a renewal reaches every replica, and while the control service is gone those from before stand again in time', async () => {
  const capacities = () => replicas.map((replica) => replica.breakers()?.users?.capacity);
  const before = capacities();
  const lease = await control.ask('POST', '/api/policy-leases', { for_ms: 60_000 });
  assert.equal(lease.status, 201);
  assert.equal(
    (await control.ask('PUT', '/api/policies/orders/users', { breaker_capacity: 9, tries: 1 })).status,
    200,
  );
  assert.deepEqual(
    capacities(),
    before.map(() => 9),
  );
  const forMs = 4000;
  const begun = performance.now();
  assert.equal(
    (await control.ask('PUT', `/api/policy-leases/${lease.body.id}`, { for_ms: forMs })).status,
    200,
  );
  await eventually('all know of it', async () => (await known()).every(({ current }) => current), 2000);
  await control.kill();
  assert.deepEqual(
    capacities(),
    before.map(() => 9),
    'not before its time',
  );
  await eventually(
    'the policies from before stand again',
    () => capacities().join() === before.join(),
    forMs + 2000,
  );
  const lastedMs = performance.now() - begun;
  assert.ok(lastedMs > forMs - 500, `not before its time: ${lastedMs} ms`);
  for (const replica of replicas) assert.equal(await replica.health('/ready'), 200);

  await control.start();
  await eventually('it ends the lease as well', async () => {
    const { status } = await control.ask('DELETE', `/api/policy-leases/${lease.body.id}`);
    return status === 404 && (await known()).filter(({ current }) => current).length === replicas.length;
  });
  assert.deepEqual(capacities(), before);
});

test('a replica that is gone is no longer waited for', async () => {
  await replicas.pop()?.close();
  await eventually('it is forgotten', async () => (await known()).length === 2);
  await set({ abort: 418 });
  await clear();
});
