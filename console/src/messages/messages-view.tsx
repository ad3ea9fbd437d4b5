/** Events on their way: outboxes, queues, what was set aside or lost, and dead letters. */
import { type Messages, messagesSchema } from '@microshop/control/console/message-schemas';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ask } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { ageText } from '../look/format.ts';
import { Wide } from '../look/wide.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Outbox } from './outbox.tsx';

const everyMs = 2500;

/** The view. */
export function MessagesView() {
  const { data, error } = useQuery({
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
    <Wide label="Outboxes">
      <table>
        <thead>
          <tr>
            <th scope="col">service</th>
            <th scope="col">waiting</th>
            <th scope="col">the oldest</th>
            <th scope="col">set aside</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </Wide>
  );
}

function Queues({ queues }: Pick<Messages, 'queues'>) {
  return (
    <Wide label="Queues">
      <table>
        <thead>
          <tr>
            <th scope="col">queue</th>
            <th scope="col">of</th>
            <th scope="col">ready</th>
            <th scope="col">unacked</th>
            <th scope="col">consumers</th>
            <th scope="col">dead</th>
          </tr>
        </thead>
        <tbody>
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
                <span className={consumers === 0 ? 'state bad' : 'state good'}>
                  {consumers === 0 ? '✗ none' : `✓ ${consumers}`}
                </span>
              </td>
              <td>
                <Count count={dead} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

/** How many there are of what should not be. */
function Count({ count }: { readonly count: number }) {
  return (
    <span className={count === 0 ? 'state good' : 'state bad'}>{count === 0 ? '✓ 0' : `✗ ${count}`}</span>
  );
}
