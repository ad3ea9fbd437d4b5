import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  type CallEdge,
  callEdges,
  identities,
  nativePlacement,
  type PolicyChange,
  services,
} from '@microshop/topology';
import { Value } from 'typebox/value';
import { filesOf } from '../changes/files.ts';
import type { FaultRecord, PolicyRecord } from '../changes/schemas.ts';
import { policiesOf } from '../changes/store.ts';
import { faultRecord } from '../changes/testing/fault-record.ts';
import { replicaStateSchema } from './schemas.ts';
import { authorityName, changesIn, type MeshState, stateOf } from './state.ts';

const now = 1_000_000;

/** A fault at every service and a change on every edge, each with a value of its own. */
const faults: readonly FaultRecord[] = services.flatMap(({ name: service }, index) => [
  faultRecord({ service, percent: index + 1 }),
  faultRecord({ service, from: 'gateway', abort: null, delay_ms: 10 * (index + 1), expires_at: now + 500 }),
  faultRecord({ service, replica: 2, percent: 50 + index }),
]);
const changeOf = (edge: CallEdge, index: number): PolicyChange => ({
  max_requests: 100 + index,
  ...(edge.caller === 'gateway' ? {} : { breaker_capacity: 50 + index }),
});
const policyRecords: readonly PolicyRecord[] = callEdges.map((edge, index) => ({
  ...edge,
  change: changeOf(edge, index),
}));

const mesh: MeshState = {
  ...{ faults, policyRecords, lease: null },
  authority: authorityName('certificate'),
};

test('from its own state alone, every pod gets the very files that the whole state makes for it', () => {
  const placement = nativePlacement({ instance: 1, replicas: { orders: 2, users: 2 }, env: {} });
  const whole = filesOf(placement, { faults, policies: policiesOf(policyRecords) });
  const untouched = filesOf(placement, { faults: [], policies: policiesOf([]) });
  let compared = 0;
  for (const identity of identities) {
    const state = Value.Parse(replicaStateSchema, {
      ...stateOf(mesh, identity, now),
      replica: 1,
    });
    const own = filesOf(placement, changesIn(state));
    const parts = [
      ...(identity === 'gateway' ? ['gateway'] : []),
      ...placement.pods.flatMap(({ service, app, sidecar }) => (service === identity ? [app, sidecar] : [])),
    ];
    for (const kind of ['envoy', 'apps'] as const) {
      for (const [file, text] of whole[kind]) {
        if (!parts.includes(path.dirname(file))) continue;
        assert.equal(own[kind].get(file), text, file);
        compared += 1;
      }
    }
    const changed = [...own.envoy].filter(([file, text]) => untouched.envoy.get(file) !== text);
    assert.ok(changed.length > 0, `${identity}: the changes matter to its files`);
  }
  assert.equal(compared, whole.envoy.size + whole.apps.size);
});

test('a state has the faults of its service that are not over, with what is left of them', () => {
  const state = stateOf(mesh, 'users', now);
  assert.deepEqual(
    state.faults.map(({ service, expires_at, ends_in_ms }) => [service, expires_at, ends_in_ms]),
    [
      ['users', null, null],
      ['users', now + 500, 500],
      ['users', null, null],
    ],
  );
  assert.deepEqual(stateOf(mesh, 'users', now + 500).faults.length, 2);
  assert.deepEqual(stateOf(mesh, 'gateway', now).faults, []);
});

test('the version is that of what concerns the pod: time alone does not change it, the end of a fault does', () => {
  const versionAt = (at: number, of: MeshState = mesh) => stateOf(of, 'users', at).version;
  assert.equal(versionAt(now), versionAt(now + 499));
  assert.notEqual(versionAt(now), versionAt(now + 500));
  const others = {
    faults: faults.filter(({ service }) => service === 'users'),
    ...{ lease: null, authority: mesh.authority },
  };
  const ofUsers = policyRecords.filter(({ caller }) => caller === 'users');
  assert.equal(versionAt(now, { ...others, policyRecords: ofUsers }), versionAt(now));
  const counted = faults.map((fault) => ({ ...fault, counted: { ...fault.counted, aborts: 7 } }));
  assert.equal(versionAt(now, { ...mesh, faults: counted }), versionAt(now), 'hits are no part of it');
  assert.notEqual(versionAt(now, { ...mesh, faults: faults.slice(1) }), versionAt(now));
  assert.notEqual(versionAt(now, { ...mesh, authority: authorityName('another') }), versionAt(now));
});

test('a lease is part of the state of a pod whose policies will be others when it ends, and its renewal another version', () => {
  const [ofGateway, ofOrders] = ['gateway', 'orders'].map((caller) =>
    policyRecords.filter((record) => record.caller === caller),
  );
  assert.ok(ofGateway?.length && ofOrders?.length);
  const until = (expires_at: number): MeshState => ({ ...mesh, lease: { expires_at, before: ofOrders } });
  const first = Value.Parse(replicaStateSchema, { ...stateOf(until(now + 500), 'gateway', now), replica: 1 });
  assert.deepEqual(first.policies, ofGateway);
  assert.deepEqual(first.lease, { expires_at: now + 500, ends_in_ms: 500, before: [] });
  assert.notEqual(stateOf(until(now + 900), 'gateway', now).version, first.version);
  assert.equal(stateOf(until(now + 500), 'gateway', now + 499).version, first.version, 'time alone is none');

  const ended = stateOf(until(now + 500), 'gateway', now + 500);
  assert.deepEqual([ended.policies, ended.lease], [[], undefined]);
  assert.equal(ended.version, stateOf({ ...mesh, policyRecords: ofOrders }, 'gateway', now).version);

  const other = stateOf(until(now + 500), 'orders', now);
  assert.equal(other.lease, undefined, 'it keeps its policies');
  assert.equal(other.version, stateOf(mesh, 'orders', now).version);
});
