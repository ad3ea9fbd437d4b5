/** Files of `test/kubernetes` that use the cluster; the others look at what Helm renders, while the cluster is made. */
export const ofCluster: readonly string[] = ['test/kubernetes/install.test.ts'];
