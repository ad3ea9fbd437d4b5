/** Prometheus, from its Debian package. */
import { fromPackage } from './debian.ts';
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { ToolDefinition } from './tool.ts';
import { isBetween, versionIn } from './versions.ts';

/** 2.42 is Debian 12's; configuration and rules stay with what it and 3.x (compose) both have. */
export const prometheus: ToolDefinition = {
  name: 'prometheus',
  override: 'MESH_PROMETHEUS_BIN',
  candidates: async (env) => await fromPackage('prometheus', await onPath('prometheus', env)),
  version: async (file) => versionIn(await run(file, ['--version']), /version (\d+\.\d+\.\d+)/),
  accepts: (version) => isBetween(version, '2.42', '4'),
  wanted: '2.42 or newer, below 4',
  supply: { from: 'debian', package: 'prometheus' },
};
