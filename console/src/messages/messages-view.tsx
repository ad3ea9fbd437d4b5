/** Events on their way: outboxes, queues, what was set aside or lost, and dead letters. */
import { type Messages, messagesSchema } from '@microshop/control/console/message-schemas';
import { Link } from '@tanstack/react-router';
import { ask } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { ageText } from '../look/format.ts';
import { Table } from '../look/table.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Outbox } from './outbox.tsx';

const everyMs = 2500;

/** The view. */
export function MessagesView() {
  const { data, error } = useReading({
    queryKey: ['messages'],
    queryFn: ({ signal }) => ask(messagesSchema, '/api/console/messages', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const lacks = error === null ? (data?.lacks ?? []) : [error.message];
  return (
    <>
      <h1>Messages</h1>
      {lacks.map((lack) => (
        <p key={lack} className="notice bad">
          {lack}; it comes back by itself.
        </p>
      ))}
      <div className="two">
        <section className="card" aria-labelledby="outboxes">
          <h2 id="outboxes">Outboxes</h2>
          <Outboxes outboxes={data?.outboxes ?? []} />
        </section>
        <section className="card" aria-labelledby="queues">
          <h2 id="queues">Queues</h2>
          <Queues queues={data?.queues ?? []} />
        </section>
      </div>
      <Outbox />
      <DeadLetters />
    </>
  );
}

function Outboxes({ outboxes }: Pick<Messages, 'outboxes'>) {
  return (
    <Table label="Outboxes" columns={['service', 'waiting', 'the oldest', 'set aside']}>
      {outboxes.map(({ service, waiting, oldest_s: oldest, set_aside: aside }) => (
        <tr key={service}>
          <th scope="row">{service}</th>
          <td>{waiting}</td>
          <td>{ageText(oldest)}</td>
          <td>
            <Count count={aside} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Queues({ queues }: Pick<Messages, 'queues'>) {
  return (
    <Table label="Queues" columns={['queue', 'of', 'ready', 'unacked', 'consumers', 'dead']}>
      {queues.map(({ queue, consumer, ready, unacked, consumers, dead }) => (
        <tr key={queue}>
          <th scope="row">
            <Link to="/messages" search={(now) => ({ ...now, queue, letter: undefined })}>
              {queue}
            </Link>
          </th>
          <td>{consumer}</td>
          <td>{ready}</td>
          <td>{unacked ?? '–'}</td>
          <td>
            <span className={consumers === 0 ? 'state bad' : 'state well'}>
              {consumers === 0 ? '✗ none' : `✓ ${consumers}`}
            </span>
          </td>
          <td>
            <Count count={dead} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** How many there are of what should not be. */
function Count({ count }: { readonly count: number }) {
  return (
    <span className={count === 0 ? 'state well' : 'state bad'}>{count === 0 ? '✓ 0' : `✗ ${count}`}</span>
  );
}
