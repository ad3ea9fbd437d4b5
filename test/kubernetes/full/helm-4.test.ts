/** The chart by Helm 4: it lints it, renders what Helm 3 renders, and refuses the same values. It is also what installs the shop here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execa } from 'execa';
import { chart, findHelm, findHelm4 } from '../helm.ts';
import { type KubernetesObject, rendered } from '../rendered.ts';

const helm3 = await findHelm();
const helm4 = await findHelm4();
const skip = helm4 === undefined ? 'there is neither Helm 4 nor a Go that builds it' : false;

/** Those that change most of what is rendered; without new passwords, which differ each time. */
const choices: readonly (readonly string[])[] = [
  [],
  [
    'services.orders.autoscaling={"enabled":true,"requestsPerSecond":50}',
    'external.redis={"host":"cache.example.com","tls":true}',
    'rabbitmq.replicas=3',
    'keepData=true',
    'grafana={"enabled":true,"dashboards":{"enabled":true}}',
    'monitoring.operator="always"',
    'certificates.certManager={"enabled":true,"issuer":{"name":"mesh-ca"}}',
    'gatewayApi={"enabled":true,"parentRefs":[{"name":"public"}]}',
  ],
];

/** By kind and name: the order in which Helm sorts kinds is its own. */
function sorted(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const key = ({ kind, metadata: { name } }: KubernetesObject) => `${kind} ${name}`;
  return objects.toSorted((one, other) => key(one).localeCompare(key(other)));
}

test('Helm 4 finds nothing to complain about', { skip }, async () => {
  assert.ok(helm4);
  const { stdout } = await execa(helm4, ['lint', '--strict', chart]);
  assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/);
});

test('Helm 4 renders what Helm 3 renders', { skip }, async () => {
  assert.ok(helm3 && helm4);
  for (const values of choices) {
    const chosen = ['passwords.existingSecret="mine"', ...values];
    const objects = sorted(await rendered(helm4, ...chosen));
    assert.ok(objects.length > 40, `${objects.length}`);
    assert.deepEqual(objects, sorted(await rendered(helm3, ...chosen)));
  }
});

test('Helm 4 refuses a value that does not exist or fit by name', { skip }, async () => {
  assert.ok(helm4);
  for (const [value, said] of [
    ['services.orders.replica=3', /orders/],
    ['services.orders.replicas=0', /replicas/],
    ['image.pullPolicy="Sometimes"', /pullPolicy/],
    ['gateway.corsOrigins=["*"]', /corsOrigins/],
  ] as const) {
    await assert.rejects(rendered(helm4, value), said, value);
  }
});
