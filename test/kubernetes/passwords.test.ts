/** Passwords of one's own, as the chart's Redis and RabbitMQ put them into their settings: the rendered commands are run here. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { startProvisioning } from '@microshop/native/tools/index';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { findHelm } from './helm.ts';
import { objectOf, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const setSchema = Type.Object({
  spec: Type.Object({
    template: Type.Object({
      spec: Type.Object({ containers: Type.Tuple([Type.Object({ command: Type.Array(Type.String()) })]) }),
    }),
  }),
});

/** Directories of a pod in one of this machine, with that password in its file. */
async function podOf(t: TestContext, name: string, password: string) {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-pod-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const directory of ['settings', 'secrets', 'tmp']) await mkdir(path.join(root, directory));
  await writeFile(path.join(root, 'secrets', `${name}-password`), `${password}\n`);
  return root;
}

/** The command of a server's container, with its directories there, and `instead` of what it ends with. */
async function commandOf(name: string, root: string, settings: string, instead: readonly [string, string]) {
  const { spec } = Value.Parse(setSchema, objectOf('StatefulSet', name, await rendered(helm ?? '')));
  const [file = '', ...args] = spec.template.spec.containers[0].command;
  const directories: Readonly<Record<string, string>> = {
    [settings]: 'settings',
    '/run/mesh-secrets': 'secrets',
    '/tmp': 'tmp',
  };
  const inPod = new RegExp(`(?<![\\w-])(${Object.keys(directories).join('|')})(?=/)`, 'g');
  const here = (text: string) =>
    text.replaceAll(inPod, (found) => path.join(root, directories[found] ?? '')).replace(...instead);
  return { file, args: args.map(here) };
}

test('Redis takes a password with quotes, backslashes, spaces and what a shell would run', {
  skip,
}, async (t) => {
  const password = `a'b"c\\d\\n$(id)\`id\`#e %f`;
  const root = await podOf(t, 'redis', password);
  const socket = path.join(root, 'redis.sock');
  await writeFile(path.join(root, 'settings', 'redis.conf'), `port 0\nunixsocket ${socket}\nsave ""\n`);
  const program = (await startProvisioning(['redis']).tool('redis')).path;
  const { file, args } = await commandOf('redis', root, '/etc/redis', [
    'exec redis-server',
    `exec ${program}`,
  ]);
  const server = execa(file, args, { reject: false, all: true, stdin: 'ignore' });
  t.after(async () => {
    server.kill('SIGKILL');
    await server;
  });
  const client = (own: string) => {
    const redis = new Redis({
      path: socket,
      password: own,
      retryStrategy: () => 100,
      maxRetriesPerRequest: 50,
    });
    // it is not there yet, or refuses
    redis.on('error', () => undefined);
    t.after(() => redis.disconnect());
    return redis;
  };
  assert.equal(await client(password).ping(), 'PONG');
  const wrong = client(`${password}x`);
  await assert.rejects(wrong.ping(), /WRONGPASS|NOAUTH/);
});

test('RabbitMQ gets what its settings can hold, and other passwords are refused with the reason', {
  skip,
}, async (t) => {
  for (const [password, fits] of [
    ['Az09._~+/=@%-', true],
    ['a#b', false],
    ["a'b", false],
    ['a:b', false],
    ['$(b)', false],
    ['a b', false],
    ['ä', false],
  ] as const) {
    const root = await podOf(t, 'rabbitmq', password);
    await writeFile(path.join(root, 'settings', 'rabbitmq.conf'), 'default_user = shop\n');
    const instead = ['exec docker-entrypoint.sh rabbitmq-server', 'true'] as const;
    const { file, args } = await commandOf('rabbitmq', root, '/etc/rabbitmq-mesh', instead);
    // with a socket as its input bash reads the settings of people, whose shell it would be
    const { failed, stderr } = await execa(file, args, { reject: false, stdin: 'ignore' });
    assert.equal(failed, !fits, password);
    const written = await readFile(path.join(root, 'tmp', 'rabbitmq.conf'), 'utf8');
    assert.equal(written, `default_user = shop\n${fits ? `default_pass = ${password}\n` : ''}`);
    if (!fits) assert.match(stderr, /^rabbitmq-password has a character/);
  }
});
