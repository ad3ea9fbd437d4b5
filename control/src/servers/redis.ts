/** What Redis counts (`INFO`). */
import { Redis } from 'ioredis';
import type { ServerSources } from './sources.ts';

/** Numbers of `INFO` by their names there (`used_memory`, `keyspace_hits`, …). */
export type RedisInfo = ReadonlyMap<string, number>;

/** Reads it; closed when nobody asks any more. */
export interface RedisReader {
  read(): Promise<RedisInfo>;
  close(): Promise<void>;
}

/** Time an answer may take, milliseconds: an export waits for it. */
const limitMs = 1500;

/** A reader with one connection. */
export function redisReader({ redis: { host, port }, redisPassword }: ServerSources): RedisReader {
  const redis = new Redis({
    host,
    port,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: limitMs,
    connectTimeout: limitMs,
    // each read that finds no connection opens one itself
    retryStrategy: () => null,
  });
  // told by the read that fails
  redis.on('error', () => undefined);
  return {
    async read() {
      if (redis.status === 'wait' || redis.status === 'end') {
        redis.options.password = await redisPassword();
        await redis.connect();
      }
      return parseInfo(await redis.info());
    },
    close: async () => {
      redis.disconnect();
    },
  };
}

/** The numbers of an answer to `INFO`: lines `name:value`, sections begin with `#`. */
export function parseInfo(text: string): RedisInfo {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, number][] => {
      const [, name, value] = /^([a-z_0-9]+):(-?\d+(?:\.\d+)?)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}
