/** A kubeconfig for tests. */

/** Its text: those contexts, all of one cluster; the last one has that namespace. */
export function kubeconfig(server: string, contexts: readonly string[], namespace?: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'of-the-test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'of-the-test', user: { token: 'secret-of-the-kubeconfig' } }],
    contexts: contexts.map((name, index) => ({
      name,
      context: {
        cluster: 'of-the-test',
        user: 'of-the-test',
        ...(namespace !== undefined && index === contexts.length - 1 ? { namespace } : {}),
      },
    })),
    'current-context': contexts[0],
  });
}
