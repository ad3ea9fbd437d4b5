/** Certificates of the mesh from cert-manager, as the chart asks for them and gives them to agents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certManagerModules, definitionChecker } from '@microshop/cli/travel/testing/crds';
import { identities, spiffeId } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { namesOf, objectOf, podTemplates, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const chosen = 'certificates.certManager={"enabled":true,"issuer":{"name":"mesh-ca"}}';

test('there is a Certificate for each identity, and the definition accepts it', { skip }, async () => {
  assert.ok(helm);
  assert.deepEqual(namesOf('Certificate', await rendered(helm)), []);
  const objects = await rendered(helm, chosen);
  assert.deepEqual(
    namesOf('Certificate', objects),
    identities.map((name) => `mesh-${name}`),
  );
  const check = await definitionChecker(certManagerModules);
  for (const identity of identities) {
    const certificate = objectOf('Certificate', `mesh-${identity}`, objects);
    assert.deepEqual(certificate['spec'], {
      secretName: `mesh-${identity}`,
      uris: [spiffeId(identity)],
      duration: '24h',
      privateKey: { algorithm: 'ECDSA', size: 256, encoding: 'PKCS8', rotationPolicy: 'Always' },
      usages: ['digital signature', 'server auth', 'client auth'],
      issuerRef: { name: 'mesh-ca', kind: 'Issuer', group: 'cert-manager.io' },
    });
    assert.deepEqual(await check(certificate), []);
    const { issuerRef: _, ...without } = Value.Parse(
      Type.Record(Type.String(), Type.Unknown()),
      certificate['spec'],
    );
    assert.match((await check({ ...certificate, spec: without })).join('\n'), /issuerRef/);
  }
});

const podSchema = Type.Object({
  initContainers: Type.Array(
    Type.Object({
      name: Type.String(),
      env: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) })),
      volumeMounts: Type.Array(Type.Object({ name: Type.String(), mountPath: Type.String() })),
    }),
  ),
  volumes: Type.Array(
    Type.Object({
      name: Type.String(),
      secret: Type.Optional(Type.Object({ secretName: Type.String() })),
    }),
  ),
});

test('each agent, and nothing else, is given the one of its identity', { skip }, async () => {
  assert.ok(helm);
  const pods = podTemplates(await rendered(helm, chosen));
  for (const identity of identities) {
    const pod = pods.find(({ name }) => name === identity) ?? assert.fail(identity);
    const { initContainers, volumes } = Value.Parse(podSchema, pod.spec);
    const agent = initContainers.find(({ name }) => name === 'agent') ?? assert.fail();
    const where = agent.env.find(({ name }) => name === 'MESH_ISSUED_DIR')?.value;
    const mount = agent.volumeMounts.find(({ mountPath }) => mountPath === where);
    const volume = volumes.find(({ name }) => name === mount?.name);
    assert.equal(volume?.secret?.secretName, `mesh-${identity}`);
    const mounts = JSON.stringify(pod.spec).split(`"name":"${mount?.name}"`).length - 1;
    assert.equal(mounts, 2, 'the volume, and the mount of the agent');
  }
  assert.doesNotMatch(JSON.stringify(podTemplates(await rendered(helm))), /MESH_ISSUED_DIR|mesh-users/);
});

test('it needs an issuer, and a life in whole hours', { skip }, async () => {
  assert.ok(helm);
  const manager = 'certificates.certManager';
  await assert.rejects(rendered(helm, `${manager}.enabled=true`), /name/);
  for (const duration of ['"30m"', '"0h"', '24']) {
    await assert.rejects(rendered(helm, chosen, `${manager}.duration=${duration}`), /duration/);
  }
});
