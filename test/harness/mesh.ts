/**
 * The mesh under test, whichever way it runs. `./mesh test e2e` and `./mesh test compose` bring it up and say through the
 * environment which one it is; the tests themselves do not know the mode.
 */
import { trustAuthority } from '@microshop/program-kit/gateway-trust';
import { composeMesh } from './compose.ts';
import type { Mesh } from './driver.ts';
import { nativeMesh } from './native.ts';

export type { CommandResult, LoadResult, Mesh } from './driver.ts';

const makers: Readonly<Record<string, () => Mesh | Promise<Mesh>>> = {
  native: nativeMesh,
  compose: composeMesh,
};

async function meshUnderTest(mode: string): Promise<Mesh> {
  const make = makers[mode];
  if (make === undefined) throw new Error(`MESH_TEST_MODE must be native or compose, not "${mode}"`);
  return await make();
}

/** The mesh under test: of local processes, unless `MESH_TEST_MODE` is `compose`. */
export const mesh: Mesh = await meshUnderTest(process.env['MESH_TEST_MODE'] ?? 'native');
if (mesh.gateway.startsWith('https:')) trustAuthority(mesh.gateway, await mesh.gatewayTrust());
