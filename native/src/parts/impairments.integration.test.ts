/**
 * States that hurt, on a real PostgreSQL: in effect at once, ended again, and gone after a restart. RabbitMQ's is looked at on
 * the broker of `rabbitmq.integration.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { Client } from 'pg';
import { type MeshContext, readSecret } from './context.ts';
import { postgresPart } from './postgres.ts';
import { started, testMesh } from './testing/mesh-directory.ts';

/** Names the condition PostgreSQL refuses writes with. */
const readOnly = '25006';

async function asOrders<T>(mesh: MeshContext, work: (client: Client) => Promise<T>): Promise<T> {
  const password = await readSecret(mesh, 'orders');
  const client = new Client({ ...mesh.placement.postgres, user: 'orders', database: 'orders_db', password });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const write = (mesh: MeshContext) =>
  asOrders(mesh, (client) => client.query('CREATE TABLE IF NOT EXISTS written (n int)'));

// on one server, which takes longer to make than to be hurt; the last one ends it
test('states that hurt PostgreSQL', async (t) => {
  const mesh = await testMesh(t, ['postgres']);
  const part = postgresPart(mesh);
  const running = await started(t, part);

  await t.test(
    'PostgreSQL ends all sessions and refuses writes in new ones, which it takes again afterwards',
    async () => {
      const state = part.impairments?.['read-only'];
      assert.ok(state !== undefined);
      await asOrders(mesh, async (there) => {
        await state.begin();
        await assert.rejects(there.query('SELECT 1'), 'as in a failover');
      });
      await asOrders(mesh, async (there) => {
        await assert.rejects(there.query('CREATE TABLE taken (n int)'), { code: readOnly });
        assert.equal((await state.seen()).in_effect, true);
        await state.end();
        await there.query('CREATE TABLE taken (n int)');
      });
      assert.equal((await state.seen()).in_effect, false);
    },
  );

  await t.test('PostgreSQL keeps a table locked against writes, and frees it', async () => {
    const state = part.impairments?.['hold-locks'];
    assert.ok(state !== undefined);
    await asOrders(mesh, async (there) => {
      await there.query('CREATE TABLE inbox (n int)');
      await state.begin();
      assert.equal((await state.seen()).in_effect, true);
      await there.query('SELECT FROM inbox');
      let written = false;
      const writing = there.query('INSERT INTO inbox VALUES (1)').then(() => {
        written = true;
      });
      await eventually('it waits', async () => ((await state.seen()).hits > 0 ? true : undefined));
      assert.equal(written, false);
      await state.end();
      await writing;
      assert.equal((await state.seen()).in_effect, false);
    });
  });

  await t.test(
    'PostgreSQL keeps commits waiting that it has made; a restart has no trace of it',
    async () => {
      const state = part.impairments?.['hold-commits'];
      assert.ok(state !== undefined);
      await state.begin();
      const waiting = write(mesh);
      waiting.catch(() => undefined);
      await eventually('a commit waits', async () => ((await state.seen()).hits === 1 ? true : undefined));
      process.kill(running.pid, 'SIGKILL');
      await assert.rejects(waiting, 'its client has no answer');
      await running.stop();
      await started(t, part);
      const { rowCount } = await asOrders(mesh, (client) => client.query('SELECT FROM written'));
      assert.equal(rowCount, 0, 'the table was made all the same');
      assert.deepEqual((await state.seen()).in_effect, false);
    },
  );
});
