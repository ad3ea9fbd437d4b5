import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topologyPolicies } from '@microshop/topology';
import type { Changes } from '../changes/store.ts';
import { faultRecord } from '../changes/testing/fault-record.ts';
import { createRegistry, type Registry } from './registry.ts';
import type { Poll } from './schemas.ts';

const changes = (faults: Changes['faults']): Changes => ({
  faults,
  policyRecords: [],
  lease: null,
  policies: topologyPolicies,
  problems: [],
});

const poll = (pod: string, more: Partial<Poll> = {}): Poll => ({
  identity: 'users',
  pod,
  address: '10.0.0.1',
  refused: 0,
  wait_ms: 0,
  ...more,
});

const staying = new AbortController().signal;

async function ask(registry: Registry, pod: string, more?: Partial<Poll>) {
  return await registry.next(poll(pod, more), staying);
}

test('who has another version is answered at once, who has this one when it changes', async () => {
  const registry = createRegistry();
  const first = await ask(registry, 'users-a');
  assert.ok(first);
  const has = { have: first.version, replica: first.replica };
  assert.equal(await ask(registry, 'users-a', has), undefined, 'nothing new in its time');

  const waiting = ask(registry, 'users-a', { ...has, wait_ms: 30_000 });
  registry.publish(changes([faultRecord({ service: 'orders' })]));
  registry.publish(changes([faultRecord()]));
  const second = await waiting;
  assert.equal(second?.faults.length, 1, 'what does not concern it is no answer');
  assert.notEqual(second?.version, first.version);
  registry.close();
});

test('each replica has a number of its own, keeps it, and an agent that had one gets it again', async () => {
  const registry = createRegistry();
  const number = async (pod: string, more?: Partial<Poll>) => (await ask(registry, pod, more))?.replica;
  assert.deepEqual(
    [await number('users-a'), await number('users-b'), await number('users-c'), await number('users-b')],
    [1, 2, 3, 2],
  );
  assert.equal(await number('orders-a', { identity: 'orders' }), 1);
  registry.close();

  const next = createRegistry();
  const numberThen = async (pod: string, replica?: number) =>
    (await ask(next, pod, replica === undefined ? {} : { replica }))?.replica;
  assert.equal(await numberThen('users-c', 3), 3);
  assert.equal(await numberThen('users-d'), 1);
  assert.equal(await numberThen('users-a', 1), 2, 'its number was given away meanwhile');
  assert.deepEqual(
    next.list().map(({ part, pod }) => [part, pod]),
    [
      ['users-sidecar', 'users-d'],
      ['users-sidecar-2', 'users-a'],
      ['users-sidecar-3', 'users-c'],
    ],
  );
  next.close();
});

test('who is silent is forgotten, soon when it broke off; who waits for an answer is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const registry = createRegistry();
  const known = () => registry.list().map(({ pod }) => pod);
  const first = await ask(registry, 'users-a');
  assert.ok(first);
  const breaking = new AbortController();
  const gone = registry.next(
    poll('users-b', { have: first.version, replica: 2, wait_ms: 30_000 }),
    breaking.signal,
  );
  const waiting = ask(registry, 'users-c', { have: first.version, replica: 3, wait_ms: 30_000 });
  assert.deepEqual(known(), ['users-a', 'users-b', 'users-c']);
  breaking.abort();
  assert.equal(await gone, undefined);
  t.mock.timers.tick(1499);
  assert.deepEqual(known(), ['users-a', 'users-b', 'users-c']);
  t.mock.timers.tick(1);
  assert.deepEqual(known(), ['users-a', 'users-c']);
  t.mock.timers.tick(8500);
  assert.deepEqual(known(), ['users-c']);
  registry.close();
  assert.equal(await waiting, undefined, 'the end answers it');
});

test('what a replica reports stands in the list beside what it is to have', async () => {
  const registry = createRegistry();
  const before = await ask(registry, 'users-a');
  registry.publish(changes([faultRecord()]));
  const after = await ask(registry, 'users-a', { loaded: before?.version ?? '', refused: 3 });
  const [known] = registry.list();
  assert.deepEqual(
    [known?.version, known?.loaded, known?.refused, known?.part],
    [after?.version, before?.version, 3, 'users-sidecar'],
  );
  registry.close();
});

test('a lease that is renewed is news for whom its end changes something; one that has ended is forgotten', async () => {
  const registry = createRegistry();
  const limited = (max_requests: number): Changes['policyRecords'] => [
    { caller: 'gateway', callee: 'users', change: { max_requests } },
  ];
  const leasedFor = (ms: number): Changes => ({
    ...changes([]),
    policyRecords: limited(77),
    lease: { expires_at: Date.now() + ms, before: [...limited(66)] },
  });
  const gateway = { identity: 'gateway' } as const;
  registry.publish(leasedFor(60_000));
  const first = await ask(registry, 'gateway-a', gateway);
  const users = await ask(registry, 'users-a');
  assert.ok(first && users);
  const has = { ...gateway, have: first.version, replica: 1, wait_ms: 30_000 };
  const waiting = ask(registry, 'gateway-a', has);
  registry.publish(leasedFor(90_000));
  const second = await waiting;
  assert.ok((second?.lease?.ends_in_ms ?? 0) > 60_000);
  assert.equal(await ask(registry, 'users-a', { have: users.version, replica: 1 }), undefined);

  registry.publish({ ...changes([]), policyRecords: limited(66) });
  const third = await ask(registry, 'gateway-a', gateway);
  assert.deepEqual([third?.policies, third?.lease], [limited(66), undefined]);
  registry.close();
});
