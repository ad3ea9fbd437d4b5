/** Redis, from its Debian package. */
import { fromPackage } from './debian.ts';
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { ToolDefinition } from './tool.ts';
import { isAtLeast, versionIn } from './versions.ts';

/** Any Redis since 6.0: the cache uses strings, expiry and an eviction policy. */
export const redis: ToolDefinition = {
  name: 'redis',
  override: 'MESH_REDIS_BIN',
  candidates: async (env) => await fromPackage('redis-server', await onPath('redis-server', env)),
  version: async (file) => versionIn(await run(file, ['--version']), / v=(\d+\.\d+\.\d+)/),
  accepts: (version) => isAtLeast(version, '6.0'),
  wanted: '6.0 or newer',
  supply: { from: 'debian', package: 'redis-server' },
};
