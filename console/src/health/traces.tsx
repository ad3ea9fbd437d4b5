/** How many of the last orders have a whole trace. */
import { figureSchema } from '@microshop/control/completeness/figure';
import { Link } from '@tanstack/react-router';
import { ask } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { ageText, shareText } from '../look/format.ts';
import { Unread } from '../look/unread.tsx';

const everyMs = 5000;

/** The figure, and what is missing. */
export function Traces() {
  const { data, error } = useReading({
    queryKey: ['completeness'],
    queryFn: ({ signal }) => ask(figureSchema, '/api/completeness', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  if (error !== null) return <Unread error={error} />;
  if (data === undefined) return <p>Reading…</p>;
  const { ratio, placed, share, orders, missing, window_s: seconds } = data;
  const whole = ratio === 1;
  return (
    <>
      {ratio === null ? (
        <p className="state idle">? Too few orders could be judged.</p>
      ) : (
        <p className={whole ? 'state well' : 'state bad'}>
          {whole ? '✓' : '✗'} {shareText(ratio)} of the traces are whole.
        </p>
      )}
      <p className="soft">
        {placed} orders in {ageText(seconds)}, {share === null || share === 1 ? 'all' : shareText(share)} of
        them chosen to be judged: {orders.complete} whole, {orders.incomplete} not whole, {orders.unprovable}{' '}
        lost with a process, {orders.unproven} not judged in time, {orders.waiting} still waiting.
      </p>
      <ul className="plain">
        {missing.map(({ hop, orders: count, trace_id: trace }) => (
          <li key={hop}>
            {count} without {hop}, as in{' '}
            <Link to="/traces/$trace" params={{ trace }}>
              this trace
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
