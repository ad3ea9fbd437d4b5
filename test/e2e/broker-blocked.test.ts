/** A broker that takes nothing for a while: what is under way is not sent again, who consumes goes on, who ends does end. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { startRelay } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue, eventExchange, eventRoute } from '@microshop/topology';
import { mesh } from '../harness/mesh.ts';
import {
  hasLeft,
  leaseMs,
  patienceMs,
  reportedProblem,
  type Scene,
  withConsumer,
  withRelay,
} from '../harness/relay-scene.ts';
import { quiet } from '../harness/scratch.ts';

const { queue, routingKey } = eventRoute('ORDER_CREATED');

/** Lets the broker believe that it is short of memory, until `end` is called or the work is done. */
async function withoutMemory(work: (end: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const end = () => mesh.rabbitmqctl(['set_vm_memory_high_watermark', '0.4']);
  await mesh.rabbitmqctl(['set_vm_memory_high_watermark', 'absolute', '1']);
  try {
    await work(end);
  } finally {
    await end();
  }
}

/** Resolves when the relay holds rows for longer than one lease, which is longer than it waits for a batch. */
function areHeld({ database }: Scene): Promise<true> {
  return eventuallyDespiteErrors(
    'the leases of what is under way are renewed',
    async () => {
      const [held] = await database.sql.query<{ count: number }>(
        `select count(*)::integer as count from outbox
         where published_at is null and claimed_until > created_at + $1 * interval '1 millisecond'`,
        [2 * leaseMs],
      );
      return held !== undefined && held.count > 0 ? true : undefined;
    },
    patienceMs,
  );
}

test('the broker is short of memory: consumers go on, nothing is sent twice, an ordered stop ends, events leave afterwards', () =>
  withRelay(async (scene) => {
    const { vhost, database, broker, publish } = scene;
    const other = vhost.broker();
    // looks once, finds nothing
    const otherRelay = startRelay({
      sql: database.sql,
      broker: other,
      logger: quiet,
      pollIntervalMs: 600_000,
    });
    await eventuallyDespiteErrors('the other client is there', async () =>
      otherRelay.problem === undefined ? true : undefined,
    );
    const before = await publish({ order_id: 1 });
    await hasLeft(scene, before);
    const ids: string[] = [];
    await withoutMemory(async () => {
      for (let order = 0; order < 10; order += 1) ids.push(await publish());
      assert.match(await reportedProblem(scene), /blocks publishers.*memory/);
      await withConsumer(scene, async (effectOf) => void (await effectOf(1)));
      const later = await publish();
      await areHeld(scene);
      const claimed = 'select 1 from outbox where message_id = $1 and claimed_until is not null';
      assert.deepEqual(await database.sql.query(claimed, [later]), [], 'nothing more is published');
      const lost = { exchange: eventExchange, routingKey, content: Buffer.from('{}'), options: {} };
      assert.equal((await other.publish(lost, 200))?.kind, 'late');
      await otherRelay.close();
      await other.close();
      for (const id of ids)
        assert.deepEqual(await scene.row(id), { published: false, aside: false, last_error: null });
      assert.match(broker.blocked ?? '', /memory/);
    });
    for (const id of ids) await hasLeft(scene, id);
    const arrived = (await scene.take()).filter((id) => ids.includes(id));
    assert.deepEqual(arrived.toSorted(), ids.toSorted());
  }));

test('more poison than a consumer has places for while the broker is short of memory: what is behind takes effect, all of it is dead', () =>
  withRelay(async (scene) => {
    const { vhost, publish } = scene;
    const poison = 300;
    await vhost.onChannel(async (channel) => {
      for (let one = 0; one < poison; one += 1) {
        const options = { messageId: randomUUID(), type: 'ORDER_CREATED', persistent: true, mandatory: true };
        channel.publish('', queue, Buffer.from('{'), options);
      }
      await channel.waitForConfirms();
    });
    await hasLeft(scene, await publish({ order_id: 1 }));
    const depth = (name: string) =>
      vhost.onChannel(async (channel) => (await channel.checkQueue(name)).messageCount);
    await withoutMemory((end) =>
      withConsumer(scene, async (effectOf) => {
        await effectOf(1);
        assert.match(scene.broker.blocked ?? '', /memory/);
        await end();
        await eventuallyDespiteErrors(
          'all of it is dead',
          async () => (await depth(deadLetterQueue(queue))) >= poison || undefined,
          patienceMs,
        );
      }),
    );
    assert.deepEqual([await depth(queue), await depth(deadLetterQueue(queue))], [0, poison]);
  }));

test('the broker hangs for a while: who ends does end, and what waits for its confirm is not sent again', () =>
  withRelay(async (scene) => {
    const other = scene.vhost.broker();
    await eventuallyDespiteErrors('the other client is there', async () => other.connected || undefined);
    // longer than a relay waits before it says so, shorter than two heartbeats: the connection lives
    const paused = await mesh.hostCli(['fault', 'process', 'rabbitmq', '--pause', '--for', '9s']);
    assert.equal(paused.code, 0, paused.stderr);
    const ids = [await scene.publish(), await scene.publish(), await scene.publish()];
    // read from now on: it is over when the broker goes on
    const told = reportedProblem(scene);
    await other.close();
    const answer = fetch(new URL('/api/overview', mesh.brokerManagement), {
      signal: AbortSignal.timeout(500),
    });
    await assert.rejects(answer, 'the broker still hangs');
    assert.match(await told, /does not confirm/);
    for (const id of ids) await hasLeft(scene, id);
    assert.deepEqual((await scene.take()).toSorted(), ids.toSorted());
  }));
