/**
 * Asks every server as the services and the control service do, where the environment says; on standard output what came of each:
 * `answered`, or what was thrown and logged.
 */
import { writeSync } from 'node:fs';
import { auditSources } from '@microshop/control/audit/sources';
import { postgresReader, redisReader, serverSources } from '@microshop/control/servers/readers';
import { openDatabase } from '@microshop/database';
import { createBroker } from '@microshop/events';
import { messageOf } from '@microshop/program-kit/errors';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { withPassword } from '@microshop/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { connect } from 'amqplib';
import { type Logger, pino } from 'pino';
import { createEntryCache } from '../../services/products/src/store/entry-cache.ts';

/** Time each has, milliseconds: those who ask again and again do so until then. */
const limitMs = Number(process.env['LIMIT_MS']);

/** An address of the environment, with the password of its file. */
const at = (name: string): string =>
  withPassword(process.env[`${name}_URL`] ?? '', process.env[`${name}_PASSWORD_FILE`]);

/** Statistics have less time than a busy machine may need, and are read again as the control service reads them. */
const untilAnswered = (read: () => Promise<unknown>) =>
  eventuallyDespiteErrors('it answers', async () => [await read()], limitMs);

const asked: Readonly<Record<string, (logger: Logger) => Promise<unknown>>> = {
  database: async (logger) => {
    const database = await openDatabase({
      ...{ url: at('DATABASE'), poolSize: 1, migrations: [], applicationName: 'asks', logger },
      // MikroORM wants one; nothing reads it
      entities: [defineEntity({ name: 'Nothing', properties: { id: p.integer().primary() } })],
      signal: AbortSignal.timeout(limitMs),
    });
    await database.sql.query('select 1');
    // it has a connection of its own
    await database.ping();
  },
  events: async (logger) => {
    const publisher = createBroker({ url: at('AMQP'), connectionName: 'asks', logger }).keepPublisher();
    await eventually('a channel is open', () => publisher.current(), limitMs);
  },
  cache: async (logger) => {
    const cache = createEntryCache(at('REDIS'), logger);
    await eventually('the cache answers', () => cache.ready(), limitMs);
  },
  'statistics of PostgreSQL': () => untilAnswered(() => postgresReader(serverSources()).read()),
  'statistics of Redis': () => untilAnswered(() => redisReader(serverSources()).read()),
  'dead letters': async () => connect(await auditSources().amqpUrl(), { timeout: limitMs }),
  'management of RabbitMQ': async () => {
    const { managementUrl, brokerCredentials } = auditSources();
    const { username, password } = await brokerCredentials();
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const { status } = await fetch(`${managementUrl}/api/overview`, { headers: { authorization } });
    if (status !== 200) throw new Error(`it answered ${status}`);
  },
};

/** The messages of an error and of its causes. */
function messagesOf(error: unknown): string {
  const own = messageOf(error);
  return error instanceof Error && error.cause !== undefined ? `${own}: ${messagesOf(error.cause)}` : own;
}

const said = Object.entries(asked).map(async ([name, ask]): Promise<[string, string]> => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  try {
    await ask(logger);
    return [name, 'answered'];
  } catch (error) {
    return [name, [messagesOf(error), ...lines].join('\n')];
  }
});
writeSync(1, JSON.stringify(Object.fromEntries(await Promise.all(said))));
// those who ask again and again would go on
process.exit();
