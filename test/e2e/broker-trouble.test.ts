/**
 * What is wrong with the broker is no event's fault: exchange, queues, rights, limits come and go, and the events wait
 * until all is whole again. Only an event that can never be published is set aside. On a virtual host of its own.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { deadLetterQueue, eventExchange, eventRoute } from '@microshop/topology';
import { mesh } from '../harness/mesh.ts';
import {
  hasLeft,
  patienceMs,
  reportedProblem,
  type Scene,
  withConsumer,
  withRelay,
} from '../harness/relay-scene.ts';
import { allRights } from '../harness/scratch-vhost.ts';

const { queue, routingKey } = eventRoute('ORDER_CREATED');

const troubles: readonly {
  readonly what: string;
  readonly begin: (scene: Scene) => Promise<unknown>;
  /** Repairs it; what is absent the relay declares itself. */
  readonly end?: (scene: Scene) => Promise<unknown>;
}[] = [
  {
    what: 'the exchange is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.deleteExchange(eventExchange)),
  },
  {
    what: 'the queue is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.deleteQueue(queue)),
  },
  {
    what: 'the binding is deleted',
    begin: ({ vhost }) => vhost.onChannel((channel) => channel.unbindQueue(queue, eventExchange, routingKey)),
  },
  {
    what: 'the exchange is of another type',
    begin: ({ vhost }) =>
      vhost.onChannel(async (channel) => {
        await channel.deleteExchange(eventExchange);
        await channel.assertExchange(eventExchange, 'headers');
      }),
    end: ({ vhost }) => vhost.onChannel((channel) => channel.deleteExchange(eventExchange)),
  },
  {
    what: 'the exchange is deleted, and the role may not declare one',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, configure: '^$' });
      await vhost.closeConnections();
      await vhost.onChannel((channel) => channel.deleteExchange(eventExchange));
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'every right to write is taken',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, write: '^$' });
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'the right to publish to the exchange is taken',
    async begin({ vhost }) {
      await vhost.setRights({ ...allRights, write: '^(products|orders|amq)' });
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setRights(allRights),
  },
  {
    what: 'the password is another one',
    async begin({ vhost }) {
      await vhost.setPassword(randomUUID());
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setPassword(),
  },
  {
    what: 'the user is deleted',
    begin: ({ vhost }) => vhost.removeUser(),
    end: ({ vhost }) => vhost.makeUser(),
  },
  {
    what: 'the virtual host is deleted with all that is in it',
    begin: ({ vhost }) => vhost.removeHost(),
    end: ({ vhost }) => vhost.makeHost(),
  },
  {
    what: 'no connection is allowed',
    async begin({ vhost }) {
      await vhost.setLimit('max-connections', 0);
      await vhost.closeConnections();
    },
    end: ({ vhost }) => vhost.setLimit('max-connections', -1),
  },
  {
    what: 'no queue is allowed',
    async begin({ vhost }) {
      await vhost.setLimit('max-queues', 0);
      await vhost.onChannel((channel) => channel.deleteQueue(queue));
    },
    end: ({ vhost }) => vhost.setLimit('max-queues', -1),
  },
  {
    what: 'the queue is full and refuses',
    async begin({ vhost, publish, relay }) {
      await vhost.setPolicy({ 'max-length': 1, overflow: 'reject-publish' });
      // a quorum queue takes a few above its limit
      await eventuallyDespiteErrors('one is refused', async () => {
        if (relay.problem === undefined) await publish();
        return relay.problem;
      });
    },
    end: ({ vhost }) => vhost.removePolicy(),
  },
];

for (const { what, begin, end } of troubles) {
  test(`${what}: the event waits, is not set aside, and leaves when all is whole again`, () =>
    withRelay(async (scene) => {
      await begin(scene);
      const id = await scene.publish();
      if (end !== undefined) {
        await reportedProblem(scene);
        assert.deepEqual(
          { ...(await scene.row(id)), last_error: null },
          { published: false, aside: false, last_error: null },
        );
        await end(scene);
      }
      await hasLeft(scene, id);
      assert.ok((await scene.take()).includes(id));
      await eventuallyDespiteErrors(
        'the relay has no problem',
        async () => scene.relay.problem === undefined || undefined,
      );
    }));
}

test('a dead-letter queue that is deleted is there again when something must be kept in it', () =>
  withRelay(async ({ vhost, broker }) => {
    const deadLetters = deadLetterQueue(queue);
    await vhost.onChannel((channel) => channel.deleteQueue(deadLetters));
    const message = { exchange: '', routingKey: deadLetters, content: Buffer.from('dead'), options: {} };
    assert.equal(await broker.publish(message), undefined);
    const kept = await vhost.onChannel((channel) => channel.get(deadLetters, { noAck: true }));
    assert.equal(kept !== false && kept.content.toString(), 'dead');
  }));

test('a message that no queue takes is reported, and so is a queue that refuses', () =>
  withRelay(async ({ vhost, broker }) => {
    const message = { exchange: '', routingKey: 'nowhere', content: Buffer.from('lost'), options: {} };
    assert.equal((await broker.publish(message))?.kind, 'unroutable');
    await vhost.setPolicy({ 'max-length': 1, overflow: 'reject-publish' });
    await eventuallyDespiteErrors('one is refused', async () => {
      const failure = await broker.publish({
        ...message,
        routingKey: queue,
        content: Buffer.from(randomUUID()),
      });
      return failure?.kind === 'nacked' ? true : undefined;
    });
  }));

test('a queue that is deleted while it is consumed is declared and consumed again', () =>
  withRelay((scene) =>
    withConsumer(scene, async (effectOf) => {
      await scene.publish({ order_id: 1 });
      await effectOf(1);
      await scene.vhost.onChannel(async (channel) => {
        await channel.deleteQueue(queue);
        await channel.deleteExchange(eventExchange);
      });
      await scene.publish({ order_id: 2 });
      await effectOf(2);
    }),
  ));

/**
 * The client refuses tables above 64 KiB by itself; the broker closes the connection when a frame is above what was agreed.
 * 8192 is the smallest frame that RabbitMQ 4 agrees to.
 */
for (const [what, frameMax, bytes] of [
  ['fits into no table of the client', undefined, 70_000],
  ['fits into no frame of the broker', 8192, 9000],
] as const) {
  test(`a message that ${what} is set aside; those around it leave`, () =>
    withRelay(async (scene) => {
      const before = await scene.publish();
      const unfit = await scene.publish({}, { tracestate: 'x'.repeat(bytes) });
      const after = await scene.publish();
      await eventuallyDespiteErrors(
        'it is set aside',
        async () => ((await scene.row(unfit)).aside ? true : undefined),
        patienceMs,
      );
      for (const id of [before, after]) await hasLeft(scene, id);
    }, frameMax));
}

test('a message above the limit of the broker is set aside by name, alone or among others; those around it leave', () =>
  withRelay(async (scene) => {
    // version 3 asks its environment, version 4 a persistent term
    const limit = (bytes: number) =>
      mesh.rabbitmqctl([
        'eval',
        `application:set_env(rabbit, max_message_size, ${bytes}), persistent_term:put(max_message_size, ${bytes}).`,
      ]);
    await limit(20_000);
    try {
      // channels know the limit they were opened with
      await scene.vhost.closeConnections();
      for (const around of [0, 3]) {
        const others = await Promise.all(Array.from({ length: around }, () => scene.publish()));
        const large = await scene.publish({ text: 'x'.repeat(30_000) });
        const reason = await eventuallyDespiteErrors(
          'it is set aside',
          async () => {
            const { aside, last_error: error } = await scene.row(large);
            return aside ? error : undefined;
          },
          patienceMs,
        );
        assert.match(String(reason), /message size 30\d+ is larger than configured max size 20000/);
        for (const id of [...others, await scene.publish()]) await hasLeft(scene, id);
      }
    } finally {
      await limit(16_777_216);
    }
  }));
