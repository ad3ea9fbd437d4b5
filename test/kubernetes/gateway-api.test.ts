/** The HTTPRoute for the Gateway of a cluster: it leads to our gateway, which alone has an identity of the mesh there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionChecker, gatewayApiModules } from '@microshop/cli/travel/testing/crds';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { outside, reachable } from './reachability.ts';
import { namesOf, objectOf, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const chosen =
  'gatewayApi={"enabled":true,"parentRefs":[{"name":"public","namespace":"gateways","sectionName":"https"}],"hostnames":["shop.example.com"]}';

const serviceSchema = Type.Object({
  spec: Type.Object({
    type: Type.String(),
    selector: Type.Record(Type.String(), Type.String()),
    ports: Type.Array(Type.Object({ port: Type.Integer(), targetPort: Type.String() })),
  }),
});

test('it leads from the chosen Gateway to our gateway, and the definitions accept it', { skip }, async () => {
  assert.ok(helm);
  assert.deepEqual(namesOf('HTTPRoute', await rendered(helm)), []);
  const objects = await rendered(helm, chosen);
  const route = objectOf('HTTPRoute', 'shop', objects);
  assert.deepEqual(route['spec'], {
    parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
    hostnames: ['shop.example.com'],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [{ name: 'shop', port: 80 }],
      },
    ],
  });
  const { spec } = Value.Parse(serviceSchema, objectOf('Service', 'shop', objects));
  assert.equal(spec.selector['app.kubernetes.io/name'], 'gateway');
  assert.deepEqual(
    spec.ports.map(({ port, targetPort }) => [port, targetPort]),
    [[80, 'http']],
  );
  assert.equal(spec.type, 'ClusterIP');

  const check = await definitionChecker(gatewayApiModules);
  assert.deepEqual(await check(route), []);
  const wrong = { ...route, spec: { rules: [{ backendRefs: [{ name: 'shop' }] }] } };
  assert.match((await check(wrong)).join('\n'), /port/);
});

test('it needs a Gateway, and no other way in stays open beside it', { skip }, async () => {
  assert.ok(helm);
  await assert.rejects(rendered(helm, 'gatewayApi.enabled=true'), /parentRefs/);
  await assert.rejects(rendered(helm, chosen, 'gateway.service.type="LoadBalancer"'), /gateway/);
  await assert.rejects(rendered(helm, 'gatewayApi.parentRefs=[{"namespace":"gateways"}]'), /name/);
  // and without it, that is a choice
  await rendered(helm, 'gateway.service.type="LoadBalancer"');
});

test('services stay closed to it: the pods of the Gateway reach our gateway alone', { skip }, async () => {
  assert.ok(helm);
  const clients =
    'networkPolicies.clients=[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"gateways"}}}]';
  const objects = await rendered(helm, chosen, clients);
  const policies = objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .filter((policy) => JSON.stringify(policy).includes('"gateways"'));
  assert.deepEqual(
    policies.map(({ metadata: { name } }) => name),
    ['gateway'],
  );
  // an address of another kind is no such pod
  assert.deepEqual(
    reachable(objects).filter((way) => way.startsWith(outside)),
    [],
  );
});
