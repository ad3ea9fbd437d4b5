/** Meshes that tests measure, as `./mesh bench` starts them. */
import type { TestContext } from 'node:test';
import { wipe } from '@microshop/native/supervision/bring-down';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { createMeshes } from '../mesh/measured-mesh.ts';

/** Those of the tests' own number, with nothing started yet; at the end of the test they are down and what they kept is wiped. */
export async function openMeshes(t: TestContext) {
  const instance = testInstance('integration');
  process.env['MESH_INSTANCE'] = String(instance);
  const { signal } = new AbortController();
  const meshes = await createMeshes([instance], signal);
  t.after(async () => {
    await meshes.down();
    wipe(runDirectory(instance));
  });
  return { instance, meshes, signal };
}
