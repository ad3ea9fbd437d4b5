/** What is read of the mesh, again and again. */
import {
  type DefaultError,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';
import { useState } from 'react';

/**
 * A reading whose error stands until an answer comes. The library forgets the error of a question without an answer each time
 * it is asked again: what the page says of it would come and go.
 */
export function useReading<Data>(
  options: UseQueryOptions<Data, DefaultError, Data, QueryKey>,
): Pick<UseQueryResult<Data>, 'data' | 'error'> {
  const { data, error, errorUpdatedAt } = useQuery(options);
  const [last, setLast] = useState<{ readonly error: Error; readonly at: number }>();
  if (error !== null && error !== last?.error) setLast({ error, at: errorUpdatedAt });
  const standing = data === undefined && last?.at === errorUpdatedAt ? last.error : null;
  return { data, error: error ?? standing };
}
