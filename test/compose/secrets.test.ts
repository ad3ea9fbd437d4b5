/** Passwords are in files of those who need them, and nowhere else. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  allContainers,
  containerName,
  containerOf,
  docker,
  dockerDone,
  inContainer,
} from '../harness/docker.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';

const names = ['postgres', 'audit', 'users', 'products', 'orders', 'rabbitmq', 'redis', 'grafana'];

/** Names of the passwords that stand in a text. */
function leaks(text: string, passwords: ReadonlyMap<string, string>): string[] {
  return [...passwords].filter(([, password]) => text.includes(password)).map(([name]) => name);
}

const passwords = new Map<string, string>();
before(async () => {
  for (const name of names) passwords.set(name, await mesh.secret(name));
});

test('no password stands in the configuration of a container, in the history of an image, or in a log', async () => {
  assert.ok([...passwords.values()].every((password) => password.length >= 24));
  const containers = await dockerDone(['compose', 'ps', '--all', '--quiet']);
  const images = [...new Set([...(await allContainers()).values()].map(({ Image }) => Image))];
  const described = await dockerDone(['inspect', ...containers.trim().split('\n'), ...images]);
  assert.deepEqual(leaks(described, passwords), []);
  for (const image of images) {
    const history = await dockerDone(['history', '--no-trunc', '--format', '{{.CreatedBy}}', image]);
    assert.deepEqual(leaks(history, passwords), [], `history of ${image}`);
  }
  assert.deepEqual(leaks(await dockerDone(['compose', 'logs', '--no-color']), passwords), []);
});

test('a password in a text is found', () => {
  assert.deepEqual(leaks(`DATABASE_URL=postgres://users:${passwords.get('users')}@postgres`, passwords), [
    'users',
  ]);
});

test('our images hold no secret: the directories are empty until a volume is there', async () => {
  const { Image } = await containerOf('control');
  const list = ['run', '--rm', '--network', 'none', '--entrypoint', 'find', Image, '/secrets', '-type', 'f'];
  assert.equal(await dockerDone(list), '');
});

test('each consumer sees its own passwords only, and cannot change them', async () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    postgres: ['audit', 'orders', 'postgres', 'products', 'users'],
    rabbitmq: ['rabbitmq'],
    redis: ['redis'],
    users: ['users'],
    products: ['products', 'rabbitmq', 'redis'],
    orders: ['orders', 'rabbitmq'],
  };
  for (const [service, own] of Object.entries(expected)) {
    const listed = await inContainer(service, 'ls', '/run/mesh-secrets');
    const found = listed.split('\n').filter((file) => file.endsWith('-password'));
    assert.deepEqual(
      found,
      own.map((name) => `${name}-password`),
      service,
    );
    const write = await docker(['exec', containerName(service), 'touch', '/run/mesh-secrets/mine']);
    assert.notEqual(write.code, 0, `${service} writes to its secrets`);
  }
});

test('a restart of control, and a new container of it, keep the passwords, and orders go on', async () => {
  const file = (name: string) => `/secrets/${name}/${name}-password`;
  const read = () => inContainer('control', 'cat', ...names.map(file));
  const before = await read();
  await mesh.stop('control');
  await mesh.start('control');
  assert.equal(await read(), before);
  await dockerDone(['compose', 'up', '--detach', '--force-recreate', '--no-deps', '--wait', 'control']);
  assert.equal(await read(), before);

  await mesh.stop('orders');
  await mesh.start('orders');
  const [user, product] = [await newUser(), await newProduct(5)];
  const answer = await accepted(() => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 }));
  assert.equal((await endOf(answer.body.id)).status, 'CONFIRMED');
});
