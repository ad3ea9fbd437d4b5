import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { partStatuses, rowsOf } from '../commands/status-in-cluster.ts';
import { sourcesNamed, sourcesOf } from './logs.ts';
import { type ShopPod, shopPod } from './shop.ts';

const running = (name: string, ready = true, restartCount = 0): V1ContainerStatus => ({
  name,
  image: '',
  imageID: '',
  ready,
  restartCount,
  state: { running: {} },
});

/** A pod as the chart makes those of a service. */
function pod(name: string, own: V1ContainerStatus, envoy = running('envoy'), more: V1Pod = {}): V1Pod {
  const statuses = [running('agent'), envoy, own];
  const ready = statuses.every((one) => one.ready) ? 'True' : 'False';
  const restartPolicy = 'Always';
  return {
    metadata: { name, labels: { 'app.kubernetes.io/name': 'orders' }, ...more.metadata },
    spec: {
      initContainers: ['agent', 'envoy'].map((one) => ({ name: one, restartPolicy })),
      containers: [{ name: 'orders' }],
    },
    status: {
      phase: 'Running',
      startTime: new Date(1000),
      conditions: [{ type: 'Ready', status: ready }],
      initContainerStatuses: statuses.slice(0, 2),
      containerStatuses: [own],
    },
  };
}

const shown = (one: ShopPod) =>
  partStatuses([{ name: 'orders', kind: 'deployment', wanted: 1 }], [one])
    .flatMap((part) => rowsOf(part, 61_000))
    .map((row) => row.map(stripVTControlCharacters));

test('a pod is ready with all of its containers, sidecars among them', () => {
  const one = shopPod(pod('orders-a', running('orders')));
  assert.equal(one.ready, true);
  assert.deepEqual(
    one.containers.map(({ name }) => name),
    ['agent', 'envoy', 'orders'],
  );
  assert.deepEqual(shown(one), [['orders', 'orders-a', 'ready', '0', '1 min', '']]);
});

test('why a pod is not ready is said by its first container that is not', () => {
  const waiting = { ...running('orders', false), state: { waiting: { reason: 'PodInitializing' } } };
  const one = shopPod(pod('orders-a', waiting, running('envoy', false, 2)));
  assert.equal(one.why, 'envoy: not ready, restarted');
  assert.equal(one.runs, false);
  const crashing: V1ContainerStatus = {
    ...running('orders', false, 3),
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
  };
  assert.deepEqual(shown(shopPod(pod('orders-a', crashing))), [
    ['orders', 'orders-a', 'orders: CrashLoopBackOff', '3', '1 min', 'orders: OOMKilled, code 137'],
  ]);
});

test('a pod without a place says what the scheduler says', () => {
  const message = '0/1 nodes are available: 1 Insufficient memory.';
  const one = shopPod({
    metadata: { name: 'orders-a' },
    spec: { containers: [{ name: 'orders' }] },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message }] },
  });
  assert.equal(one.why, message);
});

test('a part is healthy with as many ready pods as it is to have; one that ends counts no more', () => {
  const ready = shopPod(pod('orders-a', running('orders')));
  const ending = shopPod(
    pod('orders-b', running('orders'), undefined, { metadata: { deletionTimestamp: new Date(0) } }),
  );
  const healthy = (wanted: number, ...pods: readonly ShopPod[]) =>
    partStatuses([{ name: 'orders', kind: 'deployment', wanted }], pods)[0]?.healthy;
  assert.equal(healthy(1, ready, ending), true);
  assert.equal(healthy(2, ready, ending), false);
  assert.equal(healthy(0), false, 'it is stopped');
  const [part] = partStatuses([{ name: 'orders', kind: 'deployment', wanted: 2 }], [ready, ending]);
  assert.ok(part !== undefined);
  assert.deepEqual(
    rowsOf(part).map((row) => stripVTControlCharacters(row[2] ?? '')),
    ['ready', 'is ending', '1 missing of 2'],
  );
});

test('a log is named by its part, for all pods, or by one pod', () => {
  const pods = ['orders-a', 'orders-b'].map((name) => shopPod(pod(name, running('orders'))));
  const gateway = { ...shopPod(pod('gateway-a', running('orders'))), part: 'gateway' };
  const sources = sourcesOf([...pods, gateway]);
  const found = (name: string) => sourcesNamed(name, sources).map((one) => `${one.pod} ${one.container}`);
  assert.deepEqual(found('orders'), ['orders-a orders', 'orders-b orders']);
  assert.deepEqual(found('orders-sidecar'), ['orders-a envoy', 'orders-b envoy']);
  assert.deepEqual(found('orders-b-agent'), ['orders-b agent']);
  assert.ok(found('gateway').includes('gateway-a envoy'));
  assert.throws(
    () => found('order'),
    /There is no part "order"; the parts are gateway, gateway-agent, orders, /,
  );
});
