/** What one page of a browser does for all of them. */

/**
 * Does the work while this page is the one that is chosen for it among those of its browser: the first that asks, then the next, as
 * soon as that has left or is gone. `begin` returns what ends the work; so does the returned function, chosen or not.
 */
export function whileChosen(name: string, begin: () => () => void): () => void {
  const left = new AbortController();
  const { signal } = left;
  const work = () =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const end = begin();
      signal.addEventListener('abort', () => {
        end();
        resolve();
      });
    });
  void navigator.locks.request(name, { signal }, work).catch((error: unknown) => {
    // a page that leaves before it is chosen is refused
    if (!signal.aborted) throw error;
  });
  return () => left.abort();
}
