/** Redis' own configuration file, the same in both run modes. */
import type { Address } from '@microshop/topology';

/**
 * The file `redis.conf` of a cache: nothing is kept on disk, the oldest goes first when it is full, and no client reads or
 * writes without the password, which is left out where its line is added later. `directory` is where it may write at all.
 */
export function redisSettings({ host, port }: Address, directory: string, password?: string): string {
  return [
    `bind ${host}`,
    `port ${port}`,
    `dir "${directory}"`,
    'save ""',
    'appendonly no',
    'maxmemory 64mb',
    'maxmemory-policy allkeys-lru',
    ...(password === undefined ? [] : [`requirepass ${password}`]),
    '',
  ].join('\n');
}
