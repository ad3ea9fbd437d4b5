/** The NetworkPolicies of the chart, as Helm renders them: the matrix of connections they allow is that of the topology. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerServices, edges, identities, podPorts, services } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { outside, reachable } from './reachability.ts';
import { objectOf, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

/** What the topology says, and who looks at what: written here once more, port by port. */
function wanted(): string[] {
  const names = services.map(({ name }) => name);
  const admins = ['gateway:9900', ...names.map((name, index) => `${name}:${9901 + index}`)];
  const from = (client: string, servers: readonly string[]) =>
    servers.map((server) => `${client} → ${server}`);
  return [
    ...from(outside, ['gateway:8080']),
    ...from(
      'gateway',
      names.map((name) => `${name}:${podPorts.inbound}`),
    ),
    ...edges.map(({ caller, callee }) => `${caller} → ${callee}:${podPorts.inbound}`),
    ...names.flatMap((name) => from(name, ['postgres:5432', 'jaeger:4318'])),
    ...brokerServices.flatMap((name) => from(name, ['rabbitmq:5672'])),
    ...services.filter(({ cache }) => cache).flatMap(({ name }) => from(name, ['redis:6379'])),
    ...identities.flatMap((name) => from(name, ['jaeger:4317', 'control:8090'])),
    ...from('control', ['gateway:8080', ...admins, 'postgres:5432', 'rabbitmq:5672', 'rabbitmq:15672']),
    ...from('control', ['redis:6379', 'jaeger:16686', 'jaeger:4318', 'prometheus:9090']),
    ...from('prometheus', [...admins, 'jaeger:8888', 'jaeger:8889', 'rabbitmq:15692']),
    ...from('jaeger', ['prometheus:9090']),
    ...from('order-test', ['gateway:8080', 'control:8090', 'jaeger:16686', 'prometheus:9090']),
  ].sort();
}

test('they allow what the topology says, cell by cell, and nothing else', { skip }, async () => {
  assert.ok(helm);
  assert.deepEqual(reachable(await rendered(helm)), wanted());
});

test('one that is missing or too wide is found', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm);
  for (const { kind, metadata } of objects) {
    if (kind !== 'NetworkPolicy' || metadata.name === 'deny') continue;
    const others = objects.filter((one) => one.kind !== kind || one.metadata.name !== metadata.name);
    // nothing reaches this pod any more, nor does it reach anything
    assert.notDeepEqual(reachable(others), wanted(), metadata.name);
  }
  const open = objects.filter(({ kind }) => kind !== 'NetworkPolicy');
  const all = reachable(open);
  assert.ok(
    all.includes('users → postgres:5432') && all.includes('users → redis:6379'),
    'without any, all is open',
  );
  assert.ok(!wanted().includes('users → redis:6379'));
});

test('a pod for which no policy speaks is closed', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm);
  const onlyDeny = objects.filter(
    ({ kind, metadata }) => kind !== 'NetworkPolicy' || metadata.name === 'deny',
  );
  assert.deepEqual(reachable(onlyDeny), []);
});

test('a server of one’s own is reached where its peers say, at its port, and by nobody else', {
  skip,
}, async () => {
  assert.ok(helm);
  const objects = await rendered(
    helm,
    'external.redis={"host":"cache.example.com","peers":[{"ipBlock":{"cidr":"10.1.2.3/32"}}]}',
  );
  const policies = objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((policy) => JSON.stringify(policy));
  assert.deepEqual(
    objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .filter((_, index) => policies[index]?.includes('10.1.2.3/32'))
      .map(({ metadata: { name } }) => name)
      .sort(),
    ['control', ...services.filter(({ cache }) => cache).map(({ name }) => name)].sort(),
  );
});

test('a Prometheus outside of the chart reads metrics from where it may, and nothing else', {
  skip,
}, async () => {
  assert.ok(helm);
  const there = 'external.prometheus.host="prometheus.example.com"';
  const scrapers = 'monitoring.scrapers=[{"ipBlock":{"cidr":"10.1.0.0/16"}}]';
  const fromOutside = (ways: readonly string[]) => ways.filter((way) => way.startsWith(outside));
  const metrics = wanted().filter((way) => way.startsWith('prometheus →'));
  assert.deepEqual(
    fromOutside(reachable(await rendered(helm, there, scrapers))),
    [`${outside} → gateway:8080`, ...metrics.map((way) => way.replace('prometheus', outside))].sort(),
  );
  // the operator's beside the chart's own
  const beside = reachable(await rendered(helm, 'monitoring.operator="always"', scrapers));
  assert.deepEqual(
    beside.filter((way) => !way.startsWith(outside)),
    wanted().filter((way) => !way.startsWith(outside)),
  );
  assert.equal(fromOutside(beside).length, metrics.length + 1);
  // one in the chart is the only one
  assert.deepEqual(fromOutside(reachable(await rendered(helm, scrapers))), [`${outside} → gateway:8080`]);
});

const policySpec = Type.Object({
  spec: Type.Object({
    egress: Type.Array(
      Type.Object({
        ports: Type.Array(Type.Object({ port: Type.Integer() })),
        to: Type.Optional(Type.Array(Type.Unknown())),
      }),
    ),
  }),
});

async function egressOf(helmFile: string, name: string, ...values: readonly string[]) {
  const objects = await rendered(helmFile, ...values);
  return Value.Parse(policySpec, objectOf('NetworkPolicy', name, objects)).spec.egress;
}

test('a server of one’s own may be a pod of another namespace, or at an address of either kind, unless its peers say', {
  skip,
}, async () => {
  assert.ok(helm);
  for (const [server, port] of [
    ['postgres', 5432],
    ['prometheus', 9090],
  ] as const) {
    const egress = await egressOf(helm, 'control', `external.${server}.host="real.databases.svc"`);
    // an address range has no pods in it with every network plugin
    assert.deepEqual(egress.find(({ ports }) => ports.some((one) => one.port === port))?.to, [
      { namespaceSelector: {} },
      { ipBlock: { cidr: '0.0.0.0/0' } },
      { ipBlock: { cidr: '::/0' } },
    ]);
  }
});

test('a cache of DNS on each node is reached, and other DNS takes the place of it as a whole', {
  skip,
}, async () => {
  assert.ok(helm);
  const dns = async (...values: readonly string[]) =>
    (await egressOf(helm ?? '', 'users', ...values)).find(({ ports }) =>
      ports.some(({ port }) => port === 53),
    )?.to;
  assert.deepEqual(await dns(), [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    { ipBlock: { cidr: '169.254.0.0/16' } },
  ]);
  const own = [{ ipBlock: { cidr: '10.0.0.10/32' } }];
  assert.deepEqual(await dns(`networkPolicies.dns=${JSON.stringify(own)}`), own);
  await assert.rejects(rendered(helm, 'networkPolicies.dns=[]'), /networkPolicies\/dns/);
});

test('the control service reaches the API server at the ports that it has', { skip }, async () => {
  assert.ok(helm);
  const anywhere = async (...values: readonly string[]) =>
    (await egressOf(helm ?? '', 'control', ...values))
      .filter(({ to }) => to === undefined)
      .map(({ ports }) => ports.map(({ port }) => port));
  assert.deepEqual(await anywhere(), [[443, 6443]]);
  assert.deepEqual(await anywhere('networkPolicies.apiServerPorts=[443,16443]'), [[443, 16443]]);
  await assert.rejects(rendered(helm, 'networkPolicies.apiServerPorts=[]'), /apiServerPorts/);
});
