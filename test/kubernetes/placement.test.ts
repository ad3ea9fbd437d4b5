/** What an operator chooses for every pod, and for the load balancer, reaches all of them as it was written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execa } from 'execa';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseAllDocuments } from 'yaml';
import { chart, findHelm } from './helm.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const kinds = ['Deployment', 'StatefulSet', 'Pod'];
const objectSchema = Type.Object({
  kind: Type.String(),
  metadata: Type.Object({ name: Type.String(), annotations: Type.Optional(Type.Unknown()) }),
  spec: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const templateSchema = Type.Object({
  template: Type.Object({ spec: Type.Record(Type.String(), Type.Unknown()) }),
});

async function rendered(values: object) {
  const { stdout } = await execa(
    helm ?? '',
    ['template', 'shop', chart, '--kube-version', '1.34', '--values', '-'],
    {
      input: JSON.stringify({ grafana: { enabled: true }, rabbitmq: { replicas: 3 }, ...values }),
    },
  );
  const objects = parseAllDocuments(stdout).map((document): unknown => document.toJS());
  return objects.flatMap((object) => (Value.Check(objectSchema, object) ? [object] : []));
}

/** Those fields of every pod, by its name. */
async function podsWith(values: object, fields: readonly string[]): Promise<ReadonlyMap<string, object>> {
  const pods = (await rendered(values)).filter(({ kind }) => kinds.includes(kind));
  return new Map(
    pods.map(({ metadata, spec }) => {
      const pod = Value.Check(templateSchema, spec) ? spec.template.spec : (spec ?? {});
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
  const chosen = await podsWith({ pods }, fields);
  assert.ok(chosen.size >= 11, `${chosen.size} kinds of pods`);
  for (const [name, pod] of chosen) assert.deepEqual(pod, pods, name);
  const unchosen = Object.fromEntries(fields.map((field) => [field, undefined]));
  for (const [name, pod] of await podsWith({}, fields)) assert.deepEqual(pod, unchosen, name);
});

test('the load balancer has the annotations and ranges that are chosen', { skip }, async () => {
  const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-internal': 'true' };
  const service = { type: 'LoadBalancer', annotations, loadBalancerSourceRanges: ['10.0.0.0/8', 'fd00::/8'] };
  const objects = await rendered({ gateway: { service } });
  const shop = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'shop');
  assert.deepEqual(shop?.metadata.annotations, annotations);
  assert.deepEqual(shop?.spec?.['loadBalancerSourceRanges'], service.loadBalancerSourceRanges);
});

test('what is none of these is refused by its name', { skip }, async () => {
  for (const [values, named] of [
    [{ pods: { nodeselector: {} } }, 'nodeselector'],
    [{ pods: { nodeSelector: { pool: 7 } } }, 'nodeSelector'],
    [{ gateway: { service: { loadBalancerSourceRanges: ['10.0.0.1'] } } }, 'loadBalancerSourceRanges'],
  ] as const) {
    await assert.rejects(rendered(values), new RegExp(named));
  }
});
