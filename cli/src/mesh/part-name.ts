/** Checks the name of a part that a command was given. */
import type { Placement } from '@microshop/topology';

/**
 * Rejects with `InvalidInputError` when no part of the mesh, whatever its replicas, has that name. The parts bring the
 * clients of every server with them, so they are loaded only where a name is in question.
 */
export async function checkPartName(name: string, placement: Placement): Promise<void> {
  const mesh = await import('@microshop/native/supervision/mesh');
  mesh.checkPartName(name, placement);
}
