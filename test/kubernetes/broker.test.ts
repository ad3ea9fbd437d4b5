/** RabbitMQ of several nodes, as the chart renders it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { podProblems } from './hardening.ts';
import { findHelm } from './helm.ts';
import { reachable } from './reachability.ts';
import { namesOf, objectOf, podTemplates, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const three = 'rabbitmq.replicas=3';

const setSchema = Type.Object({
  spec: Type.Object({
    replicas: Type.Integer(),
    serviceName: Type.String(),
    podManagementPolicy: Type.Optional(Type.String()),
    template: Type.Object({
      spec: Type.Object({
        terminationGracePeriodSeconds: Type.Integer(),
        topologySpreadConstraints: Type.Optional(Type.Array(Type.Unknown())),
        containers: Type.Tuple([
          Type.Object({
            command: Type.Array(Type.String()),
            env: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) })),
            lifecycle: Type.Optional(
              Type.Object({
                preStop: Type.Object({ exec: Type.Object({ command: Type.Array(Type.String()) }) }),
              }),
            ),
          }),
        ]),
        volumes: Type.Array(
          Type.Object({
            name: Type.String(),
            secret: Type.Optional(Type.Object({ items: Type.Array(Type.Object({ key: Type.String() })) })),
          }),
        ),
      }),
    }),
  }),
});
const serviceSchema = Type.Object({
  spec: Type.Object({
    clusterIP: Type.Literal('None'),
    publishNotReadyAddresses: Type.Optional(Type.Boolean()),
    ports: Type.Array(Type.Object({ name: Type.String(), port: Type.Integer() })),
  }),
});
const dataSchema = Type.Object({ data: Type.Record(Type.String(), Type.String()) });

async function brokerOf(helmFile: string, ...values: readonly string[]) {
  const objects = await rendered(helmFile, ...values);
  const { spec } = Value.Parse(setSchema, objectOf('StatefulSet', 'rabbitmq', objects));
  const [container] = spec.template.spec.containers;
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { objects, spec, pod: spec.template.spec, container, env };
}

test('one node for trying needs none of it', { skip }, async () => {
  assert.ok(helm);
  const { objects, spec, env, container } = await brokerOf(helm);
  assert.deepEqual([spec.replicas, spec.serviceName, spec.podManagementPolicy], [1, 'rabbitmq', undefined]);
  assert.equal(env['RABBITMQ_NODENAME'], 'microshop@localhost');
  assert.doesNotMatch(container.command.join('\n'), /cookie|nodes/);
  assert.ok(!namesOf('Service', objects).includes('rabbitmq-nodes'));
  assert.ok(!namesOf('PodDisruptionBudget', objects).includes('rabbitmq'));
});

test('three nodes start together, find each other by name, and show one cookie', { skip }, async () => {
  assert.ok(helm);
  const { objects, spec, pod, container, env } = await brokerOf(helm, three);
  assert.deepEqual(
    [spec.replicas, spec.serviceName, spec.podManagementPolicy],
    [3, 'rabbitmq-nodes', 'Parallel'],
  );
  assert.deepEqual(
    podProblems(podTemplates(objects).find(({ name }) => name === 'rabbitmq') ?? assert.fail()),
    [],
  );
  assert.equal(env['RABBITMQ_USE_LONGNAME'], 'true');
  assert.equal(env['RABBITMQ_NODENAME'], 'microshop@$(POD_NAME).rabbitmq-nodes');
  // Kubernetes fills in only what stands before
  const names = container.env.map(({ name }) => name);
  assert.ok(names.indexOf('POD_NAME') < names.indexOf('RABBITMQ_NODENAME'));
  const { data } = Value.Parse(dataSchema, objectOf('ConfigMap', 'rabbitmq', objects));
  const settings = data['rabbitmq-nodes.conf'] ?? '';
  assert.match(settings, /^cluster_formation\.peer_discovery_backend = k8s$/m);
  assert.match(settings, /^cluster_formation\.k8s\.seed_node = microshop@rabbitmq-0\.rabbitmq-nodes$/m);
  assert.match(settings, /^quorum_queue\.continuous_membership_reconciliation\.target_group_size = 3$/m);
  const plugins = /[^/]+$/.exec(env['RABBITMQ_ENABLED_PLUGINS_FILE'] ?? '')?.[0] ?? '';
  assert.match(data[plugins] ?? '', /rabbitmq_peer_discovery_k8s/);
  const nodes = Value.Parse(serviceSchema, objectOf('Service', 'rabbitmq-nodes', objects)).spec;
  assert.equal(nodes.publishNotReadyAddresses, true, 'a node that is not ready is looked for, too');
  assert.deepEqual(
    nodes.ports.map(({ port }) => port),
    [4369, 25672],
  );
  // clients find ready nodes only
  const clients = Value.Parse(serviceSchema, objectOf('Service', 'rabbitmq', objects)).spec;
  assert.equal(clients.publishNotReadyAddresses, undefined);
  const cookie = 'rabbitmq-erlang-cookie';
  assert.ok(cookie in Value.Parse(dataSchema, objectOf('Secret', 'passwords', objects)).data);
  assert.ok(pod.volumes.some(({ secret }) => secret?.items.some(({ key }) => key === cookie)));
  assert.ok(container.command.join('\n').includes(`/run/mesh-secrets/${cookie}`));
});

test('nodes leave one by one, and not before the others hold every queue', { skip }, async () => {
  assert.ok(helm);
  const { objects, pod, container } = await brokerOf(helm, three);
  const { maxUnavailable } = Value.Parse(
    Type.Object({ spec: Type.Object({ maxUnavailable: Type.Integer() }) }),
    objectOf('PodDisruptionBudget', 'rabbitmq', objects),
  ).spec;
  assert.equal(maxUnavailable, 1);
  assert.equal(pod.topologySpreadConstraints?.length, 2);
  const [, , said = ''] = container.lifecycle?.preStop.exec.command ?? [];
  const waits = [...said.matchAll(/--timeout (\d+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  assert.match(said, /^rabbitmq-upgrade await_online_quorum_plus_one /);
  assert.ok(waits > 0 && waits + 30 <= pod.terminationGracePeriodSeconds, `${waits} s of waiting`);
});

test('only nodes of the broker reach each other’s ports for nodes', { skip }, async () => {
  assert.ok(helm);
  const own = /:(4369|25672)$/;
  assert.deepEqual(
    reachable(await rendered(helm)).filter((way) => own.test(way)),
    [],
  );
  const ways = reachable(await rendered(helm, three));
  assert.deepEqual(
    ways.filter((way) => own.test(way)),
    ['rabbitmq → rabbitmq:25672', 'rabbitmq → rabbitmq:4369'],
  );
  assert.deepEqual(
    ways.filter((way) => way.startsWith('rabbitmq →') && !own.test(way)),
    [],
  );
});

test('a number of nodes that has no majority is refused', { skip }, async () => {
  assert.ok(helm);
  for (const replicas of [0, 2, 4, '"3"']) {
    await assert.rejects(rendered(helm, `rabbitmq.replicas=${replicas}`), /replicas/);
  }
  assert.equal((await brokerOf(helm, 'rabbitmq.replicas=5')).spec.replicas, 5);
});
