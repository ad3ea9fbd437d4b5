/** Faults and policies against a running Envoy: in effect when the answer says so, taken back when Envoy refuses them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { envoyArguments, fileNames, writeBootstraps } from '@microshop/envoy';
import { envoyBinary } from '@microshop/envoy/testing/binaries.ts';
import { call } from '@microshop/envoy/testing/call.ts';
import { asCaller, makeCertificates, materialOf } from '@microshop/envoy/testing/certificates.ts';
import { followBreakerPolicies } from '@microshop/mesh-client';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { createLogger, createService } from '@microshop/service-kit';
import {
  type BreakerPolicies,
  breakerFiles,
  breakersOf,
  dynamicDirectory,
  nativePlacement,
  type Placement,
} from '@microshop/topology';
import { problemOf } from '../service/problem.ts';
import { type ChangeBook, type ChangeDirectories, createChangeBook } from './book.ts';
import { deliveryByFiles } from './delivery.ts';
import { registerFaults } from './fault-routes.ts';
import { type EnvoyAdmin, envoysOf } from './in-force.ts';
import { registerPolicies } from './policy-routes.ts';
import { keepFaults, readChanges } from './store.ts';

const part = 'orders-sidecar';

/** The gateway and one pod of orders, on addresses of this process's own. */
function placementOfTest(): Placement {
  const host = `127.${100 + (process.pid % 25)}.${(process.pid >> 5) % 250}.1`;
  const native = nativePlacement({ instance: 1, env: {} });
  const pods = native.pods
    .filter((pod) => pod.sidecar === part)
    .map((pod) => ({
      ...pod,
      inbound: { ...pod.inbound, host },
      inboundBind: host,
      localBind: host,
      admin: { ...pod.admin, host },
      adminBind: host,
    }));
  const { listen, address, admin } = native.gateway;
  const gateway = {
    ...native.gateway,
    listen: { ...listen, host },
    address: { ...address, host },
    admin: { ...admin, host },
    adminBind: host,
  };
  return { ...native, gateway, pods };
}

const placement = placementOfTest();
const [pod] = placement.pods;
assert.ok(pod);
const admin = `http://${pod.admin.host}:${pod.admin.port}`;
const outbound = `http://${pod.localBind}:15001`;
let directory: string;
let directories: ChangeDirectories;
let book: ChangeBook;
let app: { close(): void };

/** The Envoys that run, each with what ends it. */
const envoys = new Map<string, () => Promise<void>>();

/** Breakers of the app that are in effect. */
let breakers: BreakerPolicies;

/** What orders' app does about its breakers. */
function runApp() {
  return followBreakerPolicies({
    directory: path.join(directories.apps, 'orders'),
    caller: 'orders',
    apply: (policies) => {
      breakers = policies;
    },
    logger: { info: () => undefined, warn: () => undefined },
  });
}

async function stat(name: string): Promise<string> {
  const text = await (await fetch(`${admin}/stats?filter=${encodeURIComponent(`^${name}$`)}`)).text();
  return text.split(': ')[1]?.trim() ?? '';
}

before(async () => {
  // before anything that would keep the process from its end
  envoyBinary();
  directory = await mkdtemp(path.join(tmpdir(), 'microshop-control-'));
  directories = {
    state: path.join(directory, 'control'),
    envoy: path.join(directory, dynamicDirectory),
    apps: path.join(directory, 'apps'),
  };
  book = createChangeBook(placement, directories.state, deliveryByFiles(placement, directories));
  await book.write();
  app = runApp();
  await makeCertificates(directory);
  await Promise.all(envoysOf(placement).map(runEnvoy));
});
after(async () => {
  app.close();
  await Promise.all([...envoys.values()].map((end) => end()));
  await rm(directory, { recursive: true });
});

/** Runs an Envoy with the files that are written now; resolves when it serves. */
async function runEnvoy({ part: name, admin: { host, port } }: EnvoyAdmin): Promise<void> {
  const file = (await writeBootstraps(placement, directory))[name];
  assert.ok(file);
  const envoy = spawn(envoyBinary(), [...envoyArguments(file), '--log-level', 'off'], {
    cwd: directory,
    stdio: 'ignore',
  });
  envoys.set(name, async () => {
    envoys.delete(name);
    const ended = once(envoy, 'exit');
    envoy.kill('SIGTERM');
    await ended;
  });
  await eventuallyDespiteErrors(
    `the Envoy of ${name} serves`,
    async () => {
      assert.equal(envoy.exitCode, null);
      return (await fetch(`http://${host}:${port}/ready`)).ok;
    },
    20_000,
  );
}

async function service(changes: ChangeBook = book) {
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  registerFaults(fastify, changes);
  registerPolicies(fastify, changes);
  await fastify.ready();
  return fastify;
}

test('a fault is in effect when its answer comes, outlives the service, and ends in its time', async () => {
  const first = await service();
  // long enough for a busy machine to ask in it
  const payload = { service: 'orders', abort: 418, for_ms: 5000 };
  const set = await first.inject({ method: 'POST', url: '/api/faults', payload });
  assert.equal(set.statusCode, 201, set.body);
  assert.deepEqual(set.json().waiting_for, []);
  const tls = asCaller(await materialOf(directory, 'gateway'), 'orders');
  const ask = () =>
    call(`https://${pod?.inbound.host}:15006/`, { headers: { 'x-mesh-caller': 'gateway' }, tls });
  assert.equal((await ask()).status, 418);
  const listed = await first.inject({ url: '/api/faults' });
  assert.equal(listed.json().faults[0].hits.aborts, 1);
  await first.close();

  const second = await service();
  await eventually('the fault ends', async () => (await ask()).status !== 418);
  assert.deepEqual((await readChanges(directories.state)).faults, []);
  await second.close();
});

test('a fault whose time was over while nobody ran is not brought back', async () => {
  const past = Date.now() - 1;
  await keepFaults(directories.state, [
    {
      ...{
        service: 'orders',
        from: null,
        abort: 418,
        delay_ms: null,
        replace_answer: null,
        slow_answer: null,
        replica: null,
        percent: 100,
      },
      ...{
        set_at: past,
        expires_at: past,
        counted: { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 },
        since: {},
      },
    },
  ]);
  const fastify = await service();
  const runtime = await (await fetch(`${admin}/runtime`)).text();
  assert.doesNotMatch(runtime, /fault\.http/);
  await fastify.close();
});

test('a policy that Envoy refuses is taken back by name, and the one before serves on', async () => {
  const routes = path.join(directories.envoy, part, fileNames.routes('outbound'));
  const version = await stat('http.outbound.rds.outbound.version_text');
  const written = await readFile(routes, 'utf8');

  // what an Envoy of another version might do: it does not take what we hold to be right
  const breaking: ChangeBook = {
    ...book,
    async write() {
      const changes = await book.write();
      if (changes.policyRecords.length === 0) return changes;
      const text = await readFile(routes, 'utf8');
      await writeFile(`${routes}.tmp`, text.replace('cluster: users', 'cluster: nobody'));
      await rename(`${routes}.tmp`, routes);
      return changes;
    },
  };
  const fastify = await service(breaking);
  const refused = await fastify.inject({
    method: 'PUT',
    url: '/api/policies/orders/users',
    payload: { tries: 2 },
  });
  assert.equal(refused.statusCode, 409, refused.body);
  assert.match(refused.json().detail, /orders-sidecar\/routes-outbound\.yaml/);
  await fastify.close();

  assert.equal(await readFile(routes, 'utf8'), written, 'the file is as before');
  assert.deepEqual((await readChanges(directories.state)).policyRecords, []);
  assert.equal(await stat('http.outbound.rds.outbound.version_text'), version);
  const answer = await fetch(outbound, { headers: { host: 'users' } });
  assert.equal(
    answer.status,
    403,
    'the listener serves; fetch keeps the host to itself, so nobody is called',
  );
});

test('a policy that fits is applied by the running Envoy, and the gateway that is down is named', async () => {
  const gateway = envoysOf(placement).find((one) => one.part === 'gateway') ?? assert.fail();
  await envoys.get('gateway')?.();
  const fastify = await service();
  const version = await stat('http.outbound.rds.outbound.version_text');
  const changed = await fastify.inject({
    method: 'PUT',
    url: '/api/policies/orders/products',
    payload: { tries: 1 },
  });
  assert.equal(changed.statusCode, 200, changed.body);
  assert.deepEqual(changed.json().waiting_for, ['gateway']);
  assert.notEqual(await stat('http.outbound.rds.outbound.version_text'), version);
  const broken = await fastify.inject({
    method: 'PUT',
    url: '/api/policies/orders/products',
    payload: { tries: 9 },
  });
  assert.equal(broken.statusCode, 400);
  assert.match(broken.json().detail, /^orders → products: 9 attempts/);
  await runEnvoy(gateway);
  const shown = await fastify.inject('/api/policies');
  assert.deepEqual(shown.json().waiting_for, [], 'it has applied it once it runs');
  await fastify.close();
});

test('policies on a lease are put back when it is not renewed, also by the next service', async () => {
  const leases = '/api/policy-leases';
  const asking = (fastify: Awaited<ReturnType<typeof service>>) => {
    return async (method: 'DELETE' | 'POST' | 'PUT', url: string, payload?: object) => {
      const answer = await fastify.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
      return { status: answer.statusCode, body: answer.json() };
    };
  };
  const volume = () => breakers.users?.volumeThreshold;
  const before = volume();
  const untilBack = () => eventually('the policy from before stands again', () => volume() === before);

  const first = await service();
  const ask = asking(first);
  const change = async (wanted: number) => {
    const answer = await ask('PUT', '/api/policies/orders/users', { breaker_volume: wanted });
    assert.equal(answer.status, 200);
    assert.equal(volume(), wanted);
  };
  const lease = await ask('POST', leases, { for_ms: 60_000 });
  assert.equal(lease.status, 201);
  assert.equal((await ask('POST', leases, { for_ms: 1000 })).status, 409, 'there is one at a time');
  await change(32);
  assert.equal((await ask('PUT', `${leases}/${lease.body.id}`, { for_ms: 100 })).status, 200);
  await untilBack();
  assert.equal((await ask('PUT', `${leases}/${lease.body.id}`, { for_ms: 1000 })).status, 404);

  const other = await ask('POST', leases, { for_ms: 60_000 });
  await change(33);
  assert.equal((await ask('PUT', `${leases}/${other.body.id}`, { for_ms: 100 })).status, 200);
  await first.close();
  const second = await service();
  await untilBack();
  const last = await asking(second)('POST', leases, { for_ms: 60_000 });
  assert.equal((await asking(second)('DELETE', `${leases}/${last.body.id}`)).status, 200);
  assert.equal((await asking(second)('DELETE', `${leases}/${last.body.id}`)).status, 404);
  await second.close();
});

test('another breaker is in effect when its answer comes, and an app that has not applied it is named', async () => {
  const fastify = await service();
  const set = async (payload: object) => {
    const answer = await fastify.inject({ method: 'PUT', url: '/api/policies/orders/users', payload });
    assert.equal(answer.statusCode, 200, answer.body);
    const { policies } = await readChanges(directories.state);
    return { list: answer.json(), wanted: breakersOf(policies, 'orders') };
  };
  const { list, wanted } = await set({ breaker_capacity: 7, breaker_volume: 3 });
  assert.deepEqual(list.waiting_for, []);
  assert.deepEqual(breakers, wanted);
  assert.deepEqual([breakers.users?.capacity, breakers.users?.volumeThreshold], [7, 3]);
  assert.equal(breakers.products?.capacity, 200, 'the other call is left alone');

  app.close();
  const away = await set({ breaker_capacity: 8 });
  assert.deepEqual(away.list.waiting_for, ['orders']);
  assert.equal(breakers.users?.capacity, 7);
  app = runApp();
  assert.deepEqual(breakers, away.wanted, 'it is applied at the start');
  const shown = await fastify.inject('/api/policies');
  assert.deepEqual(shown.json().waiting_for, []);

  // somebody else's text in the place of the file
  const file = path.join(directories.apps, 'orders', breakerFiles.wanted);
  await writeFile(`${file}.tmp`, '{"users":{}}');
  await rename(`${file}.tmp`, file);
  await set({ breaker_capacity: 9 });
  assert.equal(breakers.users?.capacity, 9, 'a broken file changes nothing, and the next one counts');

  const refused = await fastify.inject({
    method: 'PUT',
    url: '/api/policies/orders/users',
    payload: { breaker_timeout_ms: 2999 },
  });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.json().detail, /^orders → users: timeout_ms .* before breaker_timeout_ms/);
  for (const method of ['PUT', 'DELETE'] as const) {
    const url = '/api/policies/gateway/nope';
    const nobody = await fastify.inject({
      method,
      url,
      ...(method === 'PUT' ? { payload: { tries: 1 } } : {}),
    });
    assert.equal(nobody.statusCode, 400);
    assert.match(nobody.json().detail, /^The topology has no call gateway → nope; its calls are/);
  }
  const ofGateway = await fastify.inject({
    method: 'PUT',
    url: '/api/policies/gateway/orders',
    payload: { breaker_capacity: 5 },
  });
  assert.equal(ofGateway.statusCode, 400);
  assert.match(ofGateway.json().detail, /^gateway → orders: breaker_capacity cannot be changed/);
  assert.equal(breakers.users?.capacity, 9);
  await fastify.close();
});
