/** Whether the page is as narrow as a phone. */
import { useSyncExternalStore } from 'react';

const query = matchMedia('(max-width: 700px)');

/** Whether it is; follows the window. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => query.matches,
  );
}
