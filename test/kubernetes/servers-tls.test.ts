/** Servers of one's own that are asked with TLS, as Helm renders it: addresses, trust and ports. `test/server-tls` holds that programs heed it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { containersOf, type KubernetesObject, objectOf, podTemplates, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const programSchema = Type.Object({
  env: Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) })),
  volumeMounts: Type.Array(Type.Object({ name: Type.String(), mountPath: Type.String() })),
});

/** The container of a pod that is named as the pod is. */
function programOf(name: string, objects: readonly KubernetesObject[]) {
  const pod = podTemplates(objects).find((one) => one.name === name) ?? assert.fail(name);
  const container = containersOf(pod).find((one) => one.name === name) ?? assert.fail(name);
  const { env, volumeMounts } = Value.Parse(programSchema, { ...container });
  return {
    environment: Object.fromEntries(env.map((one) => [one.name, one.value])),
    trust: volumeMounts.find(({ mountPath }) => mountPath === '/run/mesh-servers')?.name,
    volumes: JSON.stringify(pod.spec.volumes),
  };
}

const withTls = [
  'external.ca={"secret":"servers-ca"}',
  'external.postgres={"host":"db.example.com","tls":true}',
  'external.rabbitmq={"host":"mq.example.com","tls":true}',
  'external.redis={"host":"cache.example.com","tls":true}',
] as const;

test('programs call servers by their own names, with TLS, and trust who signs for them', {
  skip,
}, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, ...withTls);
  for (const name of ['control', ...services.map((service) => service.name)]) {
    const { environment, trust, volumes } = programOf(name, objects);
    assert.equal(environment['PGSSLMODE'], 'verify-full', name);
    assert.equal(environment['NODE_EXTRA_CA_CERTS'], '/run/mesh-servers/ca.crt', name);
    assert.ok(
      trust !== undefined && volumes.includes(`{"name":"${trust}","secret":{"secretName":"servers-ca"`),
    );
  }
  const products = programOf('products', objects).environment;
  assert.match(products['DATABASE_URL'] ?? '', /^postgres:\/\/\w+@db\.example\.com:5432\/\w+$/);
  assert.match(products['AMQP_URL'] ?? '', /^amqps:\/\/shop@mq\.example\.com:5671$/);
  assert.equal(products['REDIS_URL'], 'rediss://cache.example.com:6379');
  const control = programOf('control', objects).environment;
  assert.equal(control['MESH_URL_POSTGRES'], 'postgres://db.example.com:5432');
  assert.equal(control['MESH_URL_AMQP'], 'amqps://mq.example.com:5671');
  assert.equal(control['MESH_URL_RABBITMQ'], 'https://mq.example.com:15671');
  assert.equal(control['MESH_URL_REDIS'], 'rediss://cache.example.com:6379');
  // these are no servers of one's own
  assert.match(control['MESH_URL_JAEGER'] ?? '', /^http:\/\/jaeger:/);
});

test('of one server alone, the others are asked as before; without any nothing is', { skip }, async () => {
  assert.ok(helm);
  const one = programOf(
    'products',
    await rendered(helm, 'external.redis={"host":"cache.example.com","tls":true}'),
  );
  assert.equal(one.environment['REDIS_URL'], 'rediss://cache.example.com:6379');
  assert.match(one.environment['AMQP_URL'] ?? '', /^amqp:\/\/shop@rabbitmq:5672$/);
  assert.match(one.environment['DATABASE_URL'] ?? '', /@postgres:5432\//);
  assert.deepEqual(
    [one.environment['PGSSLMODE'], one.environment['NODE_EXTRA_CA_CERTS'], one.trust],
    [undefined, undefined, undefined],
  );
  const plain = programOf('products', await rendered(helm, 'external.redis.host="cache.example.com"'));
  assert.equal(plain.environment['REDIS_URL'], 'redis://redis:6379', 'the name leads there');
});

test('NetworkPolicies let pods reach a server at the port that it has for TLS, and at no other', {
  skip,
}, async () => {
  assert.ok(helm);
  const egress = (objects: readonly KubernetesObject[]) =>
    JSON.stringify(objectOf('NetworkPolicy', 'control', objects)['spec']).split('"egress"')[1] ?? '';
  const open = (text: string) =>
    [5432, 5671, 5672, 6379, 15671, 15672].filter((port) => text.includes(`"port":${port}}`));
  assert.deepEqual(open(egress(await rendered(helm, ...withTls))), [5432, 5671, 6379, 15671]);
  assert.deepEqual(open(egress(await rendered(helm))), [5432, 5672, 6379, 15672]);
});

test('TLS to a server of the chart, which has no certificate, is refused, and so is TLS to one that is not asked so', {
  skip,
}, async () => {
  assert.ok(helm);
  for (const value of [
    'external.postgres.tls=true',
    'external.redis={"host":"","tls":true}',
    'external.jaeger={"host":"jaeger.example.com","tls":true}',
    'external.rabbitmq={"host":"mq.example.com","tls":"yes"}',
  ]) {
    await assert.rejects(rendered(helm, value), /external/, value);
  }
});
