/**
 * Metrics of PostgreSQL and Redis, asked at each export. The exporters in the registries are no way out here: Debian's
 * for PostgreSQL is older than the server (statistics it reads have moved since), and two more servers would have to be
 * provisioned for a dozen numbers. Names are those of the OpenTelemetry Collector's receivers for these servers.
 */
import { type Attributes, type BatchObservableCallback, metrics } from '@opentelemetry/api';
import type { ServerSources } from './readers.ts';
import { type DatabaseStatistics, postgresReader, type RedisInfo, redisReader } from './readers.ts';

const meter = metrics.getMeter('@microshop/control/servers');

type Kind = 'gauge' | 'counter';

/** Name, kind, unit, description, and where the value comes from. */
type Definition<T> = readonly [string, Kind, string, string, (from: T) => number | undefined];

const ofPostgres: readonly Definition<DatabaseStatistics>[] = [
  ['postgresql.backends', 'gauge', '{connection}', 'Connections to a database.', (one) => one.backends],
  ['postgresql.commits', 'counter', '{transaction}', 'Transactions committed.', (one) => one.commits],
  ['postgresql.rollbacks', 'counter', '{transaction}', 'Transactions rolled back.', (one) => one.rollbacks],
  ['postgresql.blks_hit', 'counter', '{block}', 'Blocks found in shared memory.', (one) => one.blocks_hit],
  ['postgresql.blks_read', 'counter', '{block}', 'Blocks read from disk.', (one) => one.blocks_read],
  ['postgresql.deadlocks', 'counter', '{deadlock}', 'Deadlocks found.', (one) => one.deadlocks],
  ['postgresql.db_size', 'gauge', 'By', 'Size of a database on disk.', (one) => one.size_bytes],
];

const info = (name: string) => (from: RedisInfo) => from.get(name);

const ofRedis: readonly Definition<RedisInfo>[] = [
  ['redis.clients.connected', 'gauge', '{client}', 'Connected clients.', info('connected_clients')],
  ['redis.memory.used', 'gauge', 'By', 'Memory in use for data.', info('used_memory')],
  ['redis.commands.processed', 'counter', '{command}', 'Commands done.', info('total_commands_processed')],
  ['redis.keyspace.hits', 'counter', '{hit}', 'Cache hits.', info('keyspace_hits')],
  ['redis.keyspace.misses', 'counter', '{miss}', 'Cache misses.', info('keyspace_misses')],
  ['redis.keys.evicted', 'counter', '{key}', 'Keys evicted for lack of memory.', info('evicted_keys')],
  ['redis.keys.expired', 'counter', '{key}', 'Keys removed after their expiry.', info('expired_keys')],
];

/** Observes at each export what `read` gives, each item with its labels. A server that is down reports nothing. */
function observe<T>(
  definitions: readonly Definition<T>[],
  read: () => Promise<readonly (readonly [T, Attributes])[]>,
): () => void {
  const observed = definitions.map(([name, kind, unit, description, value]) => ({
    value,
    instrument:
      kind === 'gauge'
        ? meter.createObservableGauge(name, { unit, description })
        : meter.createObservableCounter(name, { unit, description }),
  }));
  const callback: BatchObservableCallback = async (result) => {
    for (const [from, labels] of await read().catch(() => [])) {
      for (const { instrument, value } of observed) {
        const now = value(from);
        if (now !== undefined) result.observe(instrument, now, labels);
      }
    }
  };
  const instruments = observed.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(callback, instruments);
  return () => meter.removeBatchObservableCallback(callback, instruments);
}

/** Reports both servers at each export; returns how to end that. */
export function observeServers(sources: ServerSources): () => Promise<void> {
  const postgres = postgresReader(sources);
  const redis = redisReader(sources);
  const ends = [
    observe(ofPostgres, async () =>
      (await postgres.read()).map((one) => [one, { 'db.namespace': one.database }] as const),
    ),
    observe(ofRedis, async () => [[await redis.read(), {}] as const]),
  ];
  return async () => {
    for (const end of ends) end();
    await Promise.all([postgres.close(), redis.close()]);
  };
}
