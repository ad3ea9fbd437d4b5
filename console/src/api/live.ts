/** The mesh as it is now: one stream of the control service, checked, kept where every view finds it. */
import { type Overview, overviewSchema } from '@microshop/control/console/schemas';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ask, checked } from './ask.ts';
import { keepListening } from './stream.ts';

const key = ['overview'];

/** Whether events come. */
export type Liveness = 'live' | 'paused' | 'lost';

/** Listens to the stream unless it is paused. */
export function useStream(paused: boolean): Liveness {
  const queries = useQueryClient();
  const [open, setOpen] = useState(true);
  useEffect(() => {
    if (paused) return;
    return keepListening('/api/console/live', {
      event: 'overview',
      take: (data) => queries.setQueryData<Overview>(key, checked(overviewSchema, JSON.parse(data), 'live')),
      tell: setOpen,
    });
  }, [paused, queries]);
  return paused ? 'paused' : open ? 'live' : 'lost';
}

/** What the stream brought last; asked for once where it has brought nothing yet. */
export function useOverview() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask(overviewSchema, '/api/console/overview', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Time between two readings of what is asked for by itself, milliseconds; none while the page is paused. */
export function useEvery(ms: number): number | false {
  const { paused = false } = useSearch({ from: '__root__' });
  return paused ? false : ms;
}
