/** Whether this page may change the mesh: its address hands over a code, once, for a cookie. */
import { codeMark, sessionPath, sessionSchema } from '@microshop/control/console/schemas';
import { useQuery } from '@tanstack/react-query';
import { ask, tell } from './ask.ts';

/** Hands over the code of the address, and takes it out of the address and its history first. */
export async function enter(): Promise<void> {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith(codeMark)) return;
  window.history.replaceState(null, '', pathname + search);
  // a code that was used before opens nothing; the page then says that it may only look
  await tell(sessionPath, { method: 'POST', body: { code: hash.slice(codeMark.length) } }).catch(
    () => undefined,
  );
}

/** What this page may do, and with which mesh. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => ask(sessionSchema, sessionPath, { signal }),
    refetchInterval: 10_000,
  });
}
