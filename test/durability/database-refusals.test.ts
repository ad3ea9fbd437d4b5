/** The database is there and refuses: it is waited for, at the start and while running; nothing is dead-lettered. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { TransactionalSql } from '@microshop/database';
import { handles, inboxTableSql, startConsumer } from '@microshop/events';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { createLogger, type Service } from '@microshop/service-kit';
import { deadLetterQueue } from '@microshop/topology';
import { Type } from 'typebox';
import { buildApp } from '../../services/users/src/app.ts';
import { messagesIn, publish } from '../harness/broker.ts';
import { mesh } from '../harness/mesh.ts';
import { asSuperuser, openScratch, quiet, scratchBroker, scratchQueue } from '../harness/scratch.ts';

const name = `refusing_${randomUUID().replaceAll('-', '')}`;
const password = randomUUID();
const url = `postgres://${name}:${password}@${mesh.postgres.host}:${mesh.postgres.port}/${name}`;

const inDatabase = (text: string) => asSuperuser(text, name);

/** Sessions keep the settings and rights that they began with. */
const endSessions = () =>
  asSuperuser(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);

/** A way to refuse; `start` is false for what does not keep a service from starting. */
interface Refusal {
  readonly what: string;
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly start?: false;
}

const statements = (what: string, begin: string, end: string): Refusal => ({
  what,
  begin: () => asSuperuser(begin),
  end: () => asSuperuser(end),
});
const rights = (what: string, begin: string, end: string): Refusal => ({
  what,
  begin: () => inDatabase(begin),
  end: () => inDatabase(end),
  start: false,
});

const refusals: readonly Refusal[] = [
  {
    ...statements(
      'read-only (25006)',
      `alter database ${name} set default_transaction_read_only = on`,
      `alter database ${name} reset default_transaction_read_only`,
    ),
    // the tables are up to date: nothing is written at the start
    start: false,
  },
  statements('login refused (28000)', `alter role ${name} nologin`, `alter role ${name} login`),
  statements(
    'another password (28P01)',
    `alter role ${name} password 'another'`,
    `alter role ${name} password '${password}'`,
  ),
  statements(
    'right to connect revoked (42501)',
    `revoke connect on database ${name} from public, ${name}`,
    `grant connect on database ${name} to public, ${name}`,
  ),
  statements(
    'no connection left for the role (53300)',
    `alter role ${name} connection limit 0`,
    `alter role ${name} connection limit -1`,
  ),
  statements(
    'no connections allowed (55000)',
    `alter database ${name} allow_connections false`,
    `alter database ${name} allow_connections true`,
  ),
  {
    what: 'renamed (3D000)',
    async begin() {
      await asSuperuser(`alter database ${name} allow_connections false`);
      await endSessions();
      await eventuallyDespiteErrors('the database can be renamed', () =>
        asSuperuser(`alter database ${name} rename to ${name}_x`).then(() => true),
      );
    },
    async end() {
      await asSuperuser(`alter database ${name}_x rename to ${name}`);
      await asSuperuser(`alter database ${name} allow_connections true`);
    },
  },
  rights(
    'rights to the tables revoked (42501)',
    `revoke insert on users, inbox from ${name}`,
    `grant insert on users, inbox to ${name}`,
  ),
  rights(
    'tables renamed (42P01)',
    'alter table users rename to users_x; alter table inbox rename to inbox_x',
    'alter table users_x rename to users; alter table inbox_x rename to inbox',
  ),
];

const start = (signal = AbortSignal.timeout(60_000)): Promise<Service> =>
  buildApp(
    {
      HOST: '127.0.0.1',
      PORT: 3000,
      LOG_LEVEL: 'silent',
      DATABASE_URL: url,
      DATABASE_POOL_SIZE: 4,
    },
    createLogger('users', process.env['LOG_LEVEL'] ?? 'silent'),
    signal,
  );

let service: Service;
before(async () => {
  await asSuperuser(`create role ${name} login password '${password}'`);
  await asSuperuser(`create database ${name} owner ${name}`);
  service = await start();
  await inDatabase(`set role ${name}; ${inboxTableSql}; create table effects (order_id integer)`);
});
after(async () => {
  await service.close();
  await asSuperuser(`drop database ${name} with (force)`);
  await asSuperuser(`drop role ${name}`);
});

const newUser = () =>
  service.inject({
    method: 'POST',
    url: '/api/users',
    payload: { email: `${randomUUID()}@example.com`, name: 'Ada', password: 'correct horse battery' },
  });

for (const { what, begin, end, start: atStart } of refusals) {
  test(`${what}: 503 with retry-after, messages wait, a start waits; all of it ends`, async () => {
    const [broker, queue, database] = await Promise.all([
      scratchBroker(),
      scratchQueue(),
      openScratch(url, []),
    ]);
    let attempts = 0;
    const counted: TransactionalSql = {
      ...database.sql,
      transaction(work) {
        attempts += 1;
        return database.sql.transaction(work);
      },
    };
    const consumer = startConsumer({
      broker,
      queue: queue.name,
      sql: counted,
      logger: quiet,
      handlers: {
        ORDER_CREATED: handles(Type.Object({ order_id: Type.Integer() }), async ({ body }, tx) => {
          await tx.query('insert into effects values ($1)', [body.order_id]);
        }),
      },
    });
    const orderId = Math.floor(Math.random() * 1e9);
    const effects = () => database.sql.query('select 1 from effects where order_id = $1', [orderId]);
    const ended = new AbortController();
    let starting: Promise<Service> | undefined;
    try {
      await begin();
      await endSessions();
      const messageId = randomUUID();
      await publish(queue.routingKey, JSON.stringify({ order_id: orderId }), {
        messageId,
        type: 'ORDER_CREATED',
      });
      const refused = await eventuallyDespiteErrors('the refusal reaches a client', async () => {
        const answer = await newUser();
        return answer.statusCode === 201 ? undefined : answer;
      });
      assert.equal(refused.statusCode, 503, refused.body);
      assert.equal(refused.json().code, 'dependency_unavailable');
      assert.ok(Number(refused.headers['retry-after']) >= 1);
      let outcome = 'waits';
      if (atStart !== false) {
        starting = start(ended.signal);
        starting.then(
          () => (outcome = 'started'),
          () => (outcome = 'failed'),
        );
      }
      // a message that fails for a reason of its own is given up after three
      await eventuallyDespiteErrors('the message is tried a fifth time', async () =>
        attempts >= 5 ? true : undefined,
      );
      assert.equal(outcome, 'waits');
      assert.equal(await messagesIn(deadLetterQueue(queue.name)), 0);

      await end();
      await eventuallyDespiteErrors('the message takes effect', async () =>
        (await effects()).length === 1 ? true : undefined,
      );
      await eventuallyDespiteErrors('users are made', async () =>
        (await newUser()).statusCode === 201 ? true : undefined,
      );
      // each connection of the pool is fit again
      const many = await Promise.all(Array.from({ length: 8 }, newUser));
      assert.deepEqual(new Set(many.map(({ statusCode }) => statusCode)), new Set([201]));
      const started = await starting;
      await started?.close();
      await consumer.close();
      assert.deepEqual([await messagesIn(queue.name), await messagesIn(deadLetterQueue(queue.name))], [0, 0]);
    } catch (error) {
      await end().catch(() => undefined);
      ended.abort();
      throw error;
    } finally {
      await consumer.close();
      await broker.close();
      await queue.remove();
      await database.close();
    }
  });
}
