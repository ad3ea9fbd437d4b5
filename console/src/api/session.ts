/** Whether this page may change the mesh: its address hands over a code, once, for a cookie. */
import { codeMark, sessionPath, sessionSchema } from '@microshop/control/console/schemas';
import { useQuery } from '@tanstack/react-query';
import { ask, tell } from './ask.ts';

/** Settled when the code of the address was handed over; what only looks does not wait for it. */
let entered: Promise<void> = Promise.resolve();

/** Takes the code out of the address and its history, and hands it over. */
export function enter(): void {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(codeMark)) return;
  window.history.replaceState(null, '', pathname + search);
  // a code works once; after that the page is read-only, and says so
  entered = tell(sessionPath, { method: 'POST', body: { code: hash.slice(codeMark.length) } }).catch(
    () => undefined,
  );
}

/** What this page may do, and with which mesh. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      await entered;
      return await ask(sessionSchema, sessionPath, { signal });
    },
    refetchInterval: 10_000,
  });
}
