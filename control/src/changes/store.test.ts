import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type BreakerPolicies,
  breakerFiles,
  breakersOf,
  dynamicDirectory,
  nativePlacement,
  policyOf,
  services,
  topologyPolicies,
} from '@microshop/topology';
import { writeChanges } from './book.ts';
import {
  askToClearFaults,
  askToResetPolicies,
  keepFaults,
  keepLease,
  keepPolicies,
  readChanges,
  readLease,
  settleClearRequests,
  settleResetRequests,
} from './store.ts';
import { faultRecord } from './testing/fault-record.ts';

async function stateDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-changes-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

const now = Date.now();
const fault = faultRecord({ set_at: now, expires_at: now + 60_000 });
const toProducts = { caller: 'orders', callee: 'products' } as const;

test('nothing on disk is no change', async (t) => {
  const changes = await readChanges(await stateDirectory(t));
  assert.deepEqual(changes, {
    ...{ faults: [], policyRecords: [], lease: null },
    ...{ policies: topologyPolicies, problems: [] },
  });
});

test('what is kept is read again, by its owner only; a fault whose time is over is not', async (t) => {
  const directory = await stateDirectory(t);
  await keepFaults(directory, [fault, { ...fault, service: 'orders', expires_at: now - 1 }]);
  await keepPolicies(directory, [{ ...toProducts, change: { tries: 1 } }]);
  const { faults, policies, problems } = await readChanges(directory, now);
  assert.deepEqual(faults, [fault]);
  assert.equal(policyOf(policies, toProducts).tries, 1);
  assert.deepEqual(problems, []);
  for (const name of ['faults.json', 'policies.json']) {
    assert.equal((await stat(path.join(directory, name))).mode & 0o777, 0o600, name);
  }
  assert.deepEqual((await readChanges(directory, now + 60_000)).faults, [], 'at its end');
});

test('policies that do not fit together stand while a lease lets them, and not after it', async (t) => {
  const directory = await stateDirectory(t);
  const lease = { id: 'mine', unchecked: true, expires_at: Date.now() + 60_000, before: [] };
  await keepLease(directory, lease);
  await keepPolicies(directory, [{ ...toProducts, change: { timeout_ms: 600_000, app_attempts: 3 } }]);
  const meanwhile = await readChanges(directory);
  assert.deepEqual([policyOf(meanwhile.policies, toProducts).timeoutMs, meanwhile.problems], [600_000, []]);
  const after = await readChanges(directory, lease.expires_at);
  assert.equal(policyOf(after.policies, toProducts).timeoutMs, 3000);
});

test('when a lease has expired, the policies are those from before it, until others are kept', async (t) => {
  const directory = await stateDirectory(t);
  const tries = async (at?: number) =>
    policyOf((await readChanges(directory, at)).policies, toProducts).tries;
  await keepPolicies(directory, [{ ...toProducts, change: { tries: 1 } }]);
  const lease = {
    id: 'mine',
    unchecked: false,
    expires_at: Date.now() + 60_000,
    before: [{ ...toProducts, change: { tries: 2 } }],
  };
  await keepLease(directory, lease);
  await keepPolicies(directory, [{ ...toProducts, change: { tries: 1 } }]);
  assert.equal(await tries(), 1, 'while it lasts, what was changed counts');
  const { expires_at, before } = lease;
  assert.deepEqual((await readChanges(directory)).lease, { expires_at, before });
  assert.equal(await tries(lease.expires_at), 2);
  assert.equal((await readChanges(directory, lease.expires_at)).lease, null);
  await keepLease(directory, { ...lease, expires_at: now });
  assert.equal(await tries(), 2);
  await keepPolicies(directory, [{ ...toProducts, change: { tries: 1 } }]);
  assert.equal(await tries(), 1, 'a change after its end is not taken back');
  assert.equal(await readLease(directory), undefined);
});

const broken: readonly [string, string, RegExp][] = [
  ['not JSON', '{', /^policies\.json: it is not JSON/],
  ['another form', '[{"caller":"orders"}]', /^policies\.json: /],
  [
    'a policy that does not fit',
    JSON.stringify([{ ...toProducts, change: { tries: 9 } }]),
    /^policies\.json: orders → products: 9 attempts/,
  ],
  [
    'a breaker that does not fit',
    JSON.stringify([{ ...toProducts, change: { breaker_timeout_ms: 3500 } }]),
    /^policies\.json: orders → products: breaker_timeout_ms \(3500 ms\) must end before request deadline/,
  ],
  [
    'a breaker of the gateway',
    JSON.stringify([{ caller: 'gateway', callee: 'orders', change: { breaker_capacity: 1 } }]),
    /^policies\.json: gateway → orders: breaker_capacity cannot be changed/,
  ],
  [
    'an edge that is gone',
    JSON.stringify([{ caller: 'users', callee: 'orders', change: { tries: 1 } }]),
    /no call users → orders/,
  ],
];

for (const [what, text, problem] of broken) {
  test(`a broken policy file is reported by name and ignored: ${what}`, async (t) => {
    const directory = await stateDirectory(t);
    await writeFile(path.join(directory, 'policies.json'), text);
    const { policies, problems } = await readChanges(directory);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', problem);
    assert.deepEqual(policies, topologyPolicies);
  });
}

test('a wish to clear left while nothing ran counts at once, and only for what was set before it', async (t) => {
  const directory = await stateDirectory(t);
  const lasting = { ...fault, expires_at: null };
  const later = { ...lasting, from: 'orders' as const, set_at: now + 600_000 };
  const other = { ...lasting, service: 'products' as const };
  await keepFaults(directory, [lasting, other, later]);
  await askToClearFaults(directory, 'users');
  assert.deepEqual((await readChanges(directory)).faults, [other, later]);
  await askToClearFaults(directory, undefined);
  assert.deepEqual((await readChanges(directory)).faults, [later]);

  // once it is settled, a fault that is set again is not cleared by it
  await settleClearRequests(directory, [later]);
  assert.deepEqual((await readChanges(directory)).faults, [later]);
  await keepFaults(directory, [lasting]);
  assert.deepEqual((await readChanges(directory)).faults, [lasting]);
});

test('a wish to reset policies left while nothing ran counts at once, and no longer than until it is done', async (t) => {
  const directory = await stateDirectory(t);
  const one = { ...toProducts, change: { tries: 1 } };
  const other = { caller: 'orders', callee: 'users', change: { tries: 2 } } as const;
  await keepPolicies(directory, [one, other]);
  await askToResetPolicies(directory, toProducts);
  const { policies, policyRecords } = await readChanges(directory);
  assert.deepEqual(policyRecords, [other]);
  assert.deepEqual(policyOf(policies, toProducts), policyOf(topologyPolicies, toProducts));
  await settleResetRequests(directory, policyRecords);
  await keepPolicies(directory, [one, other]);
  assert.deepEqual((await readChanges(directory)).policyRecords, [one, other], 'set again, it stays');

  await askToResetPolicies(directory, undefined);
  assert.deepEqual((await readChanges(directory)).policyRecords, []);
  await keepPolicies(directory, [one]);
  assert.deepEqual(
    (await readChanges(directory)).policyRecords,
    [one],
    'also where it was not settled first',
  );
});

test('the file of each app with breakers holds what is on disk, and is touched only for another content', async (t) => {
  const directory = await stateDirectory(t);
  const directories = {
    state: directory,
    envoy: path.join(directory, dynamicDirectory),
    apps: path.join(directory, 'apps'),
  };
  const placement = nativePlacement({ instance: 1, replicas: { orders: 2, users: 2 }, env: {} });
  const fileOf = (app: string) => path.join(directories.apps, app, breakerFiles.wanted);
  await writeChanges(placement, directories);
  const further = services.slice(3).filter(({ calls }) => calls.length > 0);
  assert.deepEqual(
    (await readdir(directories.apps)).sort(),
    ['orders', 'orders-2', ...further.map(({ name }) => name)].sort(),
  );
  const before = await stat(fileOf('orders'));
  assert.deepEqual(
    JSON.parse(await readFile(fileOf('orders'), 'utf8')),
    breakersOf(topologyPolicies, 'orders'),
  );

  await keepPolicies(directory, [{ ...toProducts, change: { tries: 1 } }]);
  await writeChanges(placement, directories);
  assert.equal((await stat(fileOf('orders'))).ino, before.ino, 'the Envoys alone are concerned');

  await keepPolicies(directory, [{ ...toProducts, change: { breaker_capacity: 7 } }]);
  const { policies } = await writeChanges(placement, directories);
  for (const app of ['orders', 'orders-2']) {
    const written: BreakerPolicies = JSON.parse(await readFile(fileOf(app), 'utf8'));
    assert.deepEqual(written, breakersOf(policies, 'orders'));
    assert.equal(written.products?.capacity, 7);
  }
});

test('the files of the Envoys hold what is on disk', async (t) => {
  const directory = await stateDirectory(t);
  const envoy = path.join(directory, dynamicDirectory);
  const apps = path.join(directory, 'apps');
  const placement = nativePlacement({ instance: 1, env: {} });
  const keys = async () => await readFile(path.join(envoy, 'users-sidecar', 'faults.yaml'), 'utf8');
  await keepFaults(directory, [fault]);
  await writeChanges(placement, { state: directory, envoy, apps });
  assert.match(await keys(), /fault\.http\.gateway\.abort\.abort_percent: 100/);
  await keepFaults(directory, [{ ...fault, expires_at: Date.now() - 1 }]);
  await writeChanges(placement, { state: directory, envoy, apps });
  assert.doesNotMatch(await keys(), /fault\.http/);
});
