/** Files of `test/kubernetes` that use the cluster; the others look at what Helm renders, while the cluster is made. */
export const ofCluster: readonly string[] = ['install', 'mutual-tls'].map(
  (name) => `test/kubernetes/${name}.test.ts`,
);
