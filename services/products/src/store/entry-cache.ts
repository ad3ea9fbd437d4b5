/**
 * Names and descriptions of products in Redis, each with the revision of the row it was read from. Stock, prices and
 * revisions come from the database at every read, so a stale or foreign entry is recognized by its revision, in every
 * replica, whether Redis has heard of a change or not. An unavailable, full or read-only Redis means slower, never
 * wrong and never failing: every command is short and its failure reads as a miss.
 */

import { maxId } from '@microshop/topology';
import type { FastifyBaseLogger } from 'fastify';
import { Redis } from 'ioredis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type CatalogueEntry, type EntryCache, productDescription, productName } from '../domain/product.ts';

/** Time an entry is kept, seconds: a row that was changed past the service, without its revision, is seen then. */
const ttlSeconds = 30;

/** Time a command may take, milliseconds: a cache slower than this is worth less than the database. */
const commandTimeoutMs = 50;

/** Longest pause between two attempts to reach Redis, milliseconds. */
const maxReconnectPauseMs = 2000;

/** Products whose warnings are remembered. */
const maxWarned = 1000;

/** Entries in Redis. */
export interface RedisEntryCache extends EntryCache {
  /** Whether Redis answers. */
  ready(): boolean;
  close(): Promise<void>;
}

/** Connects to Redis, now or whenever it is there. */
export function createEntryCache(url: string, logger: FastifyBaseLogger): RedisEntryCache {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1000,
    retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectPauseMs),
  });
  const logged = { away: false, refused: false };
  redis.on('ready', () => {
    if (logged.away) logger.info('cache is available again');
    logged.away = false;
  });
  redis.on('error', (error: Error) => {
    // ioredis reports every failed attempt; one line for each outage is enough.
    if (!logged.away) logger.warn({ err: error }, 'cache is unavailable, reading from the database');
    logged.away = true;
  });

  /** One line when Redis begins to refuse (full, read-only, no rights), and one when it takes entries again. */
  function tellRefusal(error: unknown): void {
    if (error === undefined) {
      if (logged.refused) logger.info('cache accepts entries again');
      logged.refused = false;
    } else if (redis.status === 'ready') {
      if (!logged.refused) logger.warn({ err: error }, 'cache refuses a command, reading from the database');
      logged.refused = true;
    }
  }

  const warned = new Map<number, number>();

  /** An invalid entry is logged once per lifetime: until the next fill every reader finds it. */
  function tellForeign(id: number, wrong: string): void {
    const now = performance.now();
    if (now - (warned.get(id) ?? Number.NEGATIVE_INFINITY) < ttlSeconds * 1000) return;
    if (warned.size >= maxWarned) warned.clear();
    warned.set(id, now);
    logger.warn({ product_id: id, wrong }, 'cache holds an invalid entry, reading from the database');
  }

  return {
    async read(ids) {
      const found = new Map<number, CatalogueEntry>();
      if (ids.length === 0) return found;
      try {
        const texts = await redis.mget(ids.map(entryKey));
        for (const [index, id] of ids.entries()) {
          const text = texts[index];
          if (text === null || text === undefined) continue;
          const entry = readEntry(text, id);
          if (typeof entry === 'string') tellForeign(id, entry);
          else found.set(id, entry);
        }
      } catch (error) {
        tellRefusal(error);
      }
      return found;
    },

    async fill(entries) {
      const commands = redis.pipeline();
      for (const entry of entries) commands.set(entryKey(entry.id), JSON.stringify(entry), 'EX', ttlSeconds);
      try {
        // a pipeline succeeds as a whole, even when single commands fail
        const outcomes = (await commands.exec()) ?? [];
        tellRefusal(outcomes.map(([error]) => error).find((error) => error !== null) ?? undefined);
      } catch (error) {
        tellRefusal(error);
      }
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

const entry = Compile(
  Type.Object(
    {
      id: Type.Integer({ minimum: 1, maximum: maxId }),
      revision: Type.Integer({ minimum: 1, maximum: maxId }),
      name: productName,
      description: productDescription,
    },
    { additionalProperties: false },
  ),
);

/**
 * The entry of that id in a text of Redis, or what is wrong with it: nothing of the text itself. Any client of Redis can
 * write there, so it is checked like input.
 */
function readEntry(text: string, id: number): CatalogueEntry | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (!entry.Check(value)) {
    const [first] = entry.Errors(value);
    return `not of the shape of an entry: ${first?.instancePath ?? ''} ${first?.message ?? ''}`;
  }
  if (value.id !== id) return `the entry of product ${value.id}`;
  return value.name.isWellFormed() && value.description.isWellFormed() ? value : 'not Unicode';
}
