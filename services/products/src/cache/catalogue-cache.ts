/**
 * Catalogue fields and list pages in Redis; stock never. Redis away means slower, never wrong and never failing:
 * every command is short and its failure reads as a miss.
 */
import type { FastifyBaseLogger } from 'fastify';
import { Redis } from 'ioredis';
import type { CatalogueEntry } from '../store/catalogue.ts';
import { countLookups } from './metrics.ts';

/** Longest time a change can stay unseen when Redis missed its invalidation, seconds. */
const ttlSeconds = 30;

/** Time a command may take, milliseconds: a cache slower than this is worth less than the database. */
const commandTimeoutMs = 50;

/** Longest pause between two attempts to reach Redis, milliseconds. */
const maxReconnectPauseMs = 2000;

/** Counts changes of the catalogue. A fill is only kept when nothing changed since its read began. */
const versionKey = 'catalogue:version';

/** Sets KEYS[2..] to ARGV[3..] for ARGV[2] seconds, if KEYS[1] still has the value ARGV[1]. */
const fillScript = `
if (redis.call('get', KEYS[1]) or '') ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('set', KEYS[i], ARGV[i + 1], 'EX', ARGV[2]) end
return 1`;

/** A read-through cache of catalogue entries. */
export interface CatalogueCache {
  /** Entries of those ids that exist; `load` is asked for those not in the cache. */
  entries(
    ids: readonly number[],
    load: (missing: readonly number[]) => Promise<CatalogueEntry[]>,
  ): Promise<Map<number, CatalogueEntry>>;
  /** A page of the list. */
  page(name: string, load: () => Promise<CatalogueEntry[]>): Promise<CatalogueEntry[]>;
  /** Forgets lists, and the entries of those ids. To be called after the change has been committed. */
  invalidate(ids: readonly number[]): Promise<void>;
  /** Whether Redis answers. */
  ready(): boolean;
  close(): Promise<void>;
}

/** Connects to Redis, now or whenever it is there. */
export function createCatalogueCache(url: string, logger: FastifyBaseLogger): CatalogueCache {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectPauseMs),
  });
  let away = false;
  redis.on('ready', () => {
    if (away) logger.info('cache is back');
    away = false;
  });
  redis.on('error', (error: Error) => {
    // ioredis reports every failed attempt; one line for each outage is enough.
    if (!away) logger.warn({ err: error }, 'cache is away, reading from the database');
    away = true;
  });

  const orMiss = <T>(command: Promise<T>, miss: T): Promise<T> => command.catch(() => miss);
  const flights = new Map<string, Promise<CatalogueEntry[]>>();

  /** One load per key at a time: whoever comes while it runs shares it. */
  function oneFlight(key: string, load: () => Promise<CatalogueEntry[]>): Promise<CatalogueEntry[]> {
    const running = flights.get(key);
    if (running !== undefined) return running;
    const flight = load().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  const fill = (version: string, values: ReadonlyMap<string, unknown>): Promise<unknown> => {
    if (values.size === 0) return Promise.resolve();
    const texts = [...values.values()].map((value) => JSON.stringify(value));
    const keys = [versionKey, ...values.keys()];
    return orMiss<unknown>(
      redis.eval(fillScript, keys.length, ...keys, version, ttlSeconds, ...texts),
      undefined,
    );
  };

  return {
    async entries(ids, load) {
      const nothing: (string | null)[] = [null, ...ids.map(() => null)];
      const [version, ...texts] = await orMiss(redis.mget(versionKey, ...ids.map(entryKey)), nothing);
      const found = new Map<number, CatalogueEntry>();
      const missing: number[] = [];
      for (const [index, id] of ids.entries()) {
        const entry = readEntry(texts[index]);
        if (entry === undefined) missing.push(id);
        else found.set(id, entry);
      }
      countLookups('entry', found.size, missing.length);
      if (missing.length > 0) {
        const loaded = await oneFlight(`${version}:${missing.join(',')}`, async () => {
          const entries = await load(missing);
          await fill(version ?? '', new Map(entries.map((entry) => [entryKey(entry.id), entry])));
          return entries;
        });
        for (const entry of loaded) found.set(entry.id, entry);
      }
      return found;
    },

    async page(name, load) {
      const version = (await orMiss(redis.get(versionKey), null)) ?? '';
      const key = `catalogue:page:${version}:${name}`;
      const cached = readPage(await orMiss(redis.get(key), null));
      countLookups('page', cached === undefined ? 0 : 1, cached === undefined ? 1 : 0);
      if (cached !== undefined) return cached;
      return oneFlight(key, async () => {
        const entries = await load();
        await fill(version, new Map([[key, entries]]));
        return entries;
      });
    },

    async invalidate(ids) {
      const change = redis.multi().incr(versionKey);
      if (ids.length > 0) change.del(...ids.map(entryKey));
      await change.exec().catch((error: unknown) => {
        logger.warn({ err: error, product_ids: ids, ttl_s: ttlSeconds }, 'cache missed an invalidation');
      });
    },

    ready: () => redis.status === 'ready',
    close: async () => {
      redis.disconnect();
    },
  };
}

function entryKey(id: number): string {
  return `catalogue:entry:${id}`;
}

function isEntry(value: unknown): value is CatalogueEntry {
  return typeof value === 'object' && value !== null && 'id' in value && 'priceCents' in value;
}

function readEntry(text: string | null | undefined): CatalogueEntry | undefined {
  if (text === null || text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isEntry(value) ? value : undefined;
}

function readPage(text: string | null): CatalogueEntry[] | undefined {
  if (text === null) return undefined;
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) && value.every(isEntry) ? value : undefined;
}
