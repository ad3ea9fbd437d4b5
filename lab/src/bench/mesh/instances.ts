/** Numbers (`MESH_INSTANCE`) of the two meshes that a comparison keeps up side by side. */

/** The highest number of a mesh. */
const most = 9;

/** The number after that one, around from 9 to 1. */
export function nextInstance(instance: number): number {
  return (instance % most) + 1;
}

/** Numbers by folder of the code: the first has the given one, each further one the next. */
export function instancesOf(folders: readonly string[], first: number): ReadonlyMap<string, number> {
  let instance = first;
  const numbers = new Map<string, number>();
  for (const folder of new Set(folders)) {
    numbers.set(folder, instance);
    instance = nextInstance(instance);
  }
  return numbers;
}
