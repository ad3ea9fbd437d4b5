/**
 * Integration tests that start servers at the ports of a mesh: one at a time. All others have addresses or ports of their own, and
 * run beside them.
 */
export const onMeshPorts: readonly string[] = [
  'lab/src/**/*.integration.test.ts',
  'native/src/parts/**/*.integration.test.ts',
  'test/**/*.integration.test.ts',
];
