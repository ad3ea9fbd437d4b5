/** The groups of `./mesh test`, in the order in which they run: what is quick comes first. `test/runner` runs them. */
export const testGroups = [
  { name: 'lint', description: 'Biome; knip, which names what nothing uses' },
  {
    name: 'types',
    description: 'the strict compiler; once more for the k6 scripts, whose globals are others',
  },
  { name: 'unit', description: 'tests beside the code that need no server' },
  { name: 'integration', description: 'tests beside the code on real servers, one at a time' },
  { name: 'e2e', description: 'the whole mesh, through its gateway' },
  { name: 'durability', description: 'no order lost, none doubled, none oversold, whatever is killed' },
  { name: 'lifecycle', description: 'up, down, and what a kill leaves' },
  {
    name: 'docs',
    description: 'the pages: their commands do what they show, the tour of the README among them',
  },
  {
    name: 'compose',
    description: 'the mesh in containers: what may differ there of e2e, and what only containers have',
  },
] as const;

/** Name of a group. */
export type TestGroupName = (typeof testGroups)[number]['name'];
