/** What the page does to the mesh: a change, what is read again after it, and what to say of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSession } from './session.ts';

/** Names of what is read, as far as a change can make it old. */
type Read =
  | 'overview'
  | 'faults'
  | 'policies'
  | 'orders'
  | 'session'
  | 'messages'
  | 'outbox'
  | 'letters'
  | 'audit'
  | 'started'
  | 'experiments';

/** A change that can be made; `allowed` is false on a page that may only look. */
export function useChange<Input, Output>(change: (input: Input) => Promise<Output>, reads: readonly Read[]) {
  const queries = useQueryClient();
  const allowed = useSession().data?.may_change === true;
  const mutation = useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(reads.map((read) => queries.invalidateQueries({ queryKey: [read] }))),
  });
  return { ...mutation, allowed };
}
