/** What an operator chooses for every pod, and for the load balancer, reaches all of them as it was written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { rendered, those } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const anyFields = Type.Record(Type.String(), Type.Unknown());
const podSchema = Type.Object({
  kind: Type.Enum(['Deployment', 'StatefulSet', 'Pod']),
  metadata: Type.Object({ name: Type.String() }),
  spec: anyFields,
});
const templateSchema = Type.Object({ template: Type.Object({ spec: anyFields }) });
const serviceSchema = Type.Object({
  kind: Type.Literal('Service'),
  metadata: Type.Object({ name: Type.Literal('shop'), annotations: anyFields }),
  spec: anyFields,
});

/** Values as Helm takes them, with every pod that the chart may have. */
const withAll = (...values: readonly string[]) =>
  rendered(helm ?? '', 'grafana.enabled=true', 'rabbitmq.replicas=3', ...values);

/** Those fields of every pod, by its name. */
async function podsWith(fields: readonly string[], ...values: readonly string[]) {
  return new Map(
    those(podSchema, await withAll(...values)).map(({ metadata, spec }) => {
      const pod = Value.Check(templateSchema, spec) ? spec.template.spec : spec;
      return [metadata.name, Object.fromEntries(fields.map((field) => [field, pod[field]]))];
    }),
  );
}

const pods = {
  nodeSelector: { 'example.com/pool': 'shop', number: '7' },
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'shop', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
      ],
    },
  },
  priorityClassName: 'shop-first',
};

test('nodes and priority are chosen for every pod, also for the one of helm test', { skip }, async () => {
  const fields = Object.keys(pods);
  const chosen = await podsWith(fields, `pods=${JSON.stringify(pods)}`);
  assert.ok(chosen.size >= 11, `${chosen.size} kinds of pods`);
  for (const [name, pod] of chosen) assert.deepEqual(pod, pods, name);
  const unchosen = Object.fromEntries(fields.map((field) => [field, undefined]));
  for (const [name, pod] of await podsWith(fields)) assert.deepEqual(pod, unchosen, name);
});

test('the load balancer has the annotations and ranges that are chosen', { skip }, async () => {
  const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' };
  const service = { type: 'LoadBalancer', annotations, loadBalancerSourceRanges: ['10.0.0.0/8', 'fd00::/8'] };
  const [shop] = those(serviceSchema, await withAll(`gateway.service=${JSON.stringify(service)}`));
  assert.deepEqual(shop?.metadata.annotations, annotations);
  assert.deepEqual(shop?.spec['loadBalancerSourceRanges'], service.loadBalancerSourceRanges);
});

test('what is none of these is refused by its name', { skip }, async () => {
  for (const [values, named] of [
    ['pods.nodeselector={}', 'nodeselector'],
    ['pods.nodeSelector={"pool":7}', 'nodeSelector'],
    ['gateway.service.loadBalancerSourceRanges=["10.0.0.1"]', 'loadBalancerSourceRanges'],
  ] as const) {
    await assert.rejects(withAll(values), new RegExp(named));
  }
});
