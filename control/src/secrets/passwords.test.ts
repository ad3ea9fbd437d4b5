import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { services } from '@microshop/topology';
import { makeSecrets } from './passwords.ts';

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'secrets-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Every file below, with its content. */
function filesIn(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.sort().map((file) => [path.relative(directory, file), readFileSync(file, 'utf8')]));
}

test('each consumer gets its own passwords and no other', async (t) => {
  const directory = directoryOf(t);
  await makeSecrets({ directory });
  const further = services.slice(3).map(({ name }) => name);
  const isOfFurther = (file: string) =>
    further.some((name) => file.startsWith(`${name}/`) || file === `postgres/${name}-password`);
  const files = [...filesIn(directory).keys()];
  for (const name of further) assert.ok(files.includes(`${name}/${name}-password`), name);
  assert.deepEqual(
    files.filter((file) => !isOfFurther(file)),
    [
      'audit/audit-password',
      'grafana/grafana-password',
      'orders/orders-password',
      'orders/rabbitmq-password',
      'postgres/audit-password',
      'postgres/orders-password',
      'postgres/postgres-password',
      'postgres/products-password',
      'postgres/users-password',
      'products/products-password',
      'products/rabbitmq-password',
      'products/redis-password',
      'rabbitmq/rabbitmq-password',
      'rabbitmq/rabbitmq.conf',
      'redis/redis-password',
      'redis/redis.conf',
      'users/users-password',
    ],
  );
});

test('a password is the same for all who have it, and different from every other', async (t) => {
  const directory = directoryOf(t);
  await makeSecrets({ directory });
  const files = filesIn(directory);
  const byName = new Map<string, Set<string>>();
  for (const [file, content] of files) {
    if (file.endsWith('-password')) {
      const name = path.basename(file);
      byName.set(name, (byName.get(name) ?? new Set()).add(content));
    }
  }
  const passwords = [...byName.values()].map((contents) => [...contents]);
  assert.ok(passwords.every((contents) => contents.length === 1));
  assert.equal(new Set(passwords.flat()).size, byName.size);
  assert.ok(passwords.flat().every((password) => /^[0-9a-f]{48}$/.test(password)));
  const broker = files.get('rabbitmq/rabbitmq-password') ?? '';
  assert.ok(files.get('rabbitmq/rabbitmq.conf')?.includes(`default_pass = ${broker}\n`));
  const cache = files.get('redis/redis-password') ?? '';
  assert.ok(files.get('redis/redis.conf')?.includes(`requirepass ${cache}\n`));
});

test('a second start changes nothing', async (t) => {
  const directory = directoryOf(t);
  await makeSecrets({ directory });
  const before = filesIn(directory);
  const { ino } = statSync(path.join(directory, 'users/users-password'));
  await makeSecrets({ directory });
  assert.deepEqual(filesIn(directory), before);
  assert.equal(statSync(path.join(directory, 'users/users-password')).ino, ino);
});

test('a start after a crash goes on with what is there', async (t) => {
  const directory = directoryOf(t);
  await makeSecrets({ directory });
  const before = filesIn(directory);
  rmSync(path.join(directory, 'orders'), { recursive: true });
  rmSync(path.join(directory, 'rabbitmq/rabbitmq.conf'));
  // what a power cut can leave of a file, and of one that was being written
  rmSync(path.join(directory, 'users/users-password'));
  writeFileSync(path.join(directory, 'users/users-password'), '');
  writeFileSync(path.join(directory, 'users/users-password.fresh'), 'half');
  await makeSecrets({ directory });
  assert.deepEqual(filesIn(directory), before);
});

test('only the owner can read a file, and the servers’ group where a server must', async (t) => {
  const directory = directoryOf(t);
  const serverGroup = process.getgid?.() ?? 0;
  const modeOf = (file: string) => statSync(path.join(directory, file)).mode & 0o777;
  await makeSecrets({ directory, serverGroup });
  assert.equal(modeOf('users/users-password'), 0o400);
  assert.equal(modeOf('postgres/users-password'), 0o440);
  assert.equal(statSync(path.join(directory, 'postgres/users-password')).gid, serverGroup);

  chmodSync(path.join(directory, 'users/users-password'), 0o644);
  await makeSecrets({ directory, serverGroup });
  assert.equal(modeOf('users/users-password'), 0o400);
});

test('a chosen password counts at the first start only', async (t) => {
  const directory = directoryOf(t);
  await makeSecrets({ directory, chosen: { grafana: 'mine' } });
  await makeSecrets({ directory, chosen: { grafana: 'another' } });
  assert.equal(filesIn(directory).get('grafana/grafana-password'), 'mine');
});
