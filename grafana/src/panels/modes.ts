/** Panels that have something to show in one mode of the mesh only. */

/**
 * What stands in a panel that needs `--edge-auth` while it is empty. It also declares the mode: `test/edge/dashboards.test.ts` holds
 * that each such panel has data there, `test/e2e/dashboards.test.ts` that it has none without.
 */
export const onlyWithEdgeAuth = 'only with --edge-auth';
