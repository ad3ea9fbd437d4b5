/** Who may reach what: databases, the cache and Envoy's admin. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { auditRole, services } from '@microshop/topology';
import { mesh } from '../harness/mesh.ts';

/** SQLSTATE of a role without the CONNECT privilege. */
const insufficientPrivilege = '42501';

test("a service's role connects to its own database and to no other", async () => {
  for (const service of services) {
    for (const other of services) {
      const expected = service === other ? 'connected' : insufficientPrivilege;
      const outcome = await mesh.connectAs(service.database.role, other.database.name);
      assert.equal(outcome, expected, `${service.database.role} to ${other.database.name}`);
    }
  }
});

test('the audit role reads every database and writes none', async () => {
  for (const service of services) {
    assert.equal(await mesh.connectAs(auditRole, service.database.name), 'connected');
    await assert.rejects(
      mesh.sql(service.database.name, 'create table mine (id integer)'),
      /read-only|permission denied/,
    );
  }
  await assert.rejects(mesh.sql('users_db', 'delete from users'), /read-only|permission denied/);
});

/** What Redis says first to a command in its own protocol, sent after a password when there is one. */
async function redisSays(command: string, password?: string): Promise<string> {
  const socket = connect(mesh.redis);
  try {
    const answered = async (line: string): Promise<string> => {
      socket.write(`${line}\r\n`);
      const [answer]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
      return String(answer);
    };
    const shown = password === undefined ? '+OK' : await answered(`AUTH ${password}`);
    return shown.startsWith('+OK') ? await answered(command) : shown;
  } finally {
    socket.destroy();
  }
}

test('Redis shows nothing, and changes nothing, without its password', async () => {
  for (const command of ['GET catalogue:version', 'SET mine 1', 'FLUSHALL', 'INFO server']) {
    assert.match(await redisSays(command), /^-NOAUTH /, command);
    assert.match(await redisSays(command, 'wrong'), /^-WRONGPASS /, command);
  }
  assert.match(await redisSays('INFO server', await mesh.secret('redis')), /redis_version:/);
});

test("Envoy's admin shows and changes nothing", async () => {
  for (const envoy of ['gateway', 'users', 'products', 'orders']) {
    const admin = mesh.admin(envoy);
    for (const path of ['/stats', '/stats/prometheus', '/ready', '/clusters', '/config_dump', '/runtime']) {
      const answer = await fetch(admin + path);
      assert.equal(answer.status, 200, `${envoy} ${path}`);
      await answer.arrayBuffer();
    }
    for (const path of [
      '/quitquitquit',
      '/runtime_modify?a=1',
      '/healthcheck/fail',
      '/logging?level=trace',
      '/drain_listeners',
      '/cpuprofiler',
    ]) {
      const answer = await fetch(admin + path, { method: 'POST' });
      assert.equal(answer.status, 403, `${envoy} POST ${path}`);
      await answer.arrayBuffer();
    }
  }
});
