/** Which mesh each group of tests takes: none of them the first, which is a person's. */

/**
 * Numbers of the meshes that the groups bring up, or take the addresses of, when they run alone: no two groups meet. In a
 * run of everything each takes that of its lane.
 */
const usual = { e2e: 9, lifecycle: 8, integration: 6 } as const;

/**
 * Number of the mesh of a group: what `MESH_TEST_INSTANCE` says, so that two checkouts can be tested at once, or its usual
 * one. Throws when the variable is no number of a mesh.
 */
export function testInstance(group: keyof typeof usual, env: NodeJS.ProcessEnv = process.env): number {
  const text = env['MESH_TEST_INSTANCE'] || String(usual[group]);
  if (!/^[1-9]$/.test(text))
    throw new Error(`MESH_TEST_INSTANCE must be a number from 1 to 9, not "${text}"`);
  return Number(text);
}
