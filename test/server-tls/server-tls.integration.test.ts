/** Services and control ask servers with TLS by what the chart puts into their environment, and no server that is not the one it says it is. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { passwordFile } from '@microshop/deploy/consumers';
import { brokerUser } from '@microshop/deploy/settings/rabbitmq';
import { type KeyPair, makeAuthority } from '@microshop/envoy/certificates/issue';
import { readSecret } from '@microshop/native/parts/context';
import { postgresPart } from '@microshop/native/parts/postgres';
import { rabbitmqPart } from '@microshop/native/parts/rabbitmq';
import { redisPart } from '@microshop/native/parts/redis';
import { started, testMesh } from '@microshop/native/parts/testing/mesh-directory';
import { serviceNamed } from '@microshop/topology';
import { execa } from 'execa';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { serverCertificate, tlsFront } from './front.ts';

/** The name by which the servers of the test are asked. */
const host = 'localhost';

/** Time each that is asked has, milliseconds: where it is to answer, and where it is to be refused. */
const [answerMs, refusalMs] = [20_000, 3000];

test('servers are asked with TLS where their addresses say so, by their own name and authority, and refused otherwise', async (t) => {
  const mesh = await testMesh(t, ['postgres', 'rabbitmq', 'redis']);
  const { postgres, rabbitmq, redis } = mesh.placement;
  await Promise.all([postgresPart, rabbitmqPart, redisPart].map((part) => started(t, part(mesh))));
  const authority = await makeAuthority();
  const trust = path.join(mesh.directory, 'ca.crt');
  await writeFile(trust, authority.certificate);
  const passwords = async (name: 'products' | 'rabbitmq' | 'redis') => {
    const file = path.join(mesh.directory, `${name}-password-of-test`);
    await writeFile(file, await readSecret(mesh, name));
    return file;
  };
  const files = {
    DATABASE_PASSWORD_FILE: await passwords('products'),
    AMQP_PASSWORD_FILE: await passwords('rabbitmq'),
    REDIS_PASSWORD_FILE: await passwords('redis'),
  };
  const secrets = await secretsOfControl();

  /** A directory of passwords as the control service has it in containers. */
  async function secretsOfControl(): Promise<string> {
    const directory = path.join(mesh.directory, 'secrets-of-control');
    for (const name of ['audit', 'rabbitmq', 'redis'] as const) {
      const file = path.join(directory, name, passwordFile(name));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, await readSecret(mesh, name));
    }
    return directory;
  }

  /** Ports of the servers, behind TLS with that certificate. */
  async function behind(certificate: KeyPair) {
    return {
      postgres: await tlsFront(t, postgres, certificate, 'when asked'),
      amqp: await tlsFront(t, rabbitmq.amqp, certificate),
      management: await tlsFront(t, rabbitmq.management, certificate),
      redis: await tlsFront(t, redis, certificate),
    };
  }

  /** What came of each who was asked at those ports. */
  async function asked(
    ports: Awaited<ReturnType<typeof behind>>,
    limitMs: number,
    env: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    const { role, name } = serviceNamed('products').database;
    const program = path.join(import.meta.dirname, 'asks.ts');
    const { stdout } = await execa(process.execPath, [program], {
      env: {
        PATH: process.env['PATH'],
        LIMIT_MS: String(limitMs),
        PGSSLMODE: 'verify-full',
        ...files,
        DATABASE_URL: `postgres://${role}@${host}:${ports.postgres}/${name}`,
        AMQP_URL: `amqps://${brokerUser}@${host}:${ports.amqp}`,
        REDIS_URL: `rediss://${host}:${ports.redis}`,
        MESH_SECRETS_DIR: secrets,
        MESH_URL_POSTGRES: `postgres://${host}:${ports.postgres}`,
        MESH_URL_AMQP: `amqps://${host}:${ports.amqp}`,
        MESH_URL_RABBITMQ: `https://${host}:${ports.management}`,
        MESH_URL_REDIS: `rediss://${host}:${ports.redis}`,
        ...env,
      },
      extendEnv: false,
      stdin: 'ignore',
    });
    return Value.Parse(Type.Record(Type.String(), Type.String()), JSON.parse(stdout));
  }

  const trusting = { NODE_EXTRA_CA_CERTS: trust };
  const right = await behind(await serverCertificate(authority, host));
  const answers = await asked(right, answerMs, trusting);
  assert.deepEqual(
    Object.values(answers),
    Object.values(answers).map(() => 'answered'),
    JSON.stringify(answers, undefined, 2),
  );
  assert.equal(Object.keys(answers).length, 7);

  const other = await behind(await serverCertificate(authority, 'another.example.com'));
  const plain = {
    ...{ postgres: postgres.port, redis: redis.port },
    ...{ amqp: rabbitmq.amqp.port, management: rabbitmq.management.port },
  };
  for (const [what, ports, env, reason] of [
    ['an authority that is not trusted', right, {}, /self-signed certificate|unable to (verify|get)/],
    ['the name of another server', other, trusting, /altnames/],
    // each library has its own words
    [
      'no TLS at all',
      plain,
      trusting,
      /SSL|ECONNRESET|socket|closed|hang up|Not within|in time|time(d )?out/i,
    ],
  ] as const) {
    for (const [name, said] of Object.entries(await asked(ports, refusalMs, env))) {
      assert.notEqual(said, 'answered', `${what}: ${name}`);
      assert.match(said, reason, `${what}: ${name}`);
    }
  }
});
