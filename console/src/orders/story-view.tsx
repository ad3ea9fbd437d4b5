/** One order's whole story: status, trace, events, stock, log lines. The address can be sent to a colleague. */
import { type EventRow, type Story, storySchema } from '@microshop/control/console/schemas';
import { verdictSchema } from '@microshop/control/trace/verdict';
import { Link, useParams } from '@tanstack/react-router';
import { AskError, ask, mayPass } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { useSession } from '../api/session.ts';
import { Command } from '../app/command.tsx';
import { millisecondsText, moneyText, timeText } from '../look/format.ts';
import { StatusText } from './status-text.tsx';
import { Waterfall } from './waterfall.tsx';
import './orders.css';
import { Table } from '../look/table.tsx';

/** Time between two readings while something is still to come, milliseconds. */
const everyMs = 1000;

/** The view of an order. */
export function StoryView() {
  const { id } = useParams({ from: '/orders/$id' });
  const every = useEvery(everyMs);
  const { data: story, error } = useReading({
    queryKey: ['story', id],
    queryFn: ({ signal }) => ask(storySchema, `/api/console/orders/${id}`, { signal }),
    // an order that has ended does not change, except for its last log lines
    refetchInterval: ({ state: { data } }) =>
      every !== false && data !== undefined && !isUnderWay(data) ? 10 * every : every,
  });
  return (
    <>
      <p>
        <Link to="/orders">All orders</Link>
      </p>
      <h1>Order {id}</h1>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {story !== undefined && <StoryOf story={story} />}
      {(error === null || mayPass(error)) && (
        <section className="card below" aria-labelledby="trace">
          <h2 id="trace">Trace</h2>
          <TraceOf path={`/api/orders/${id}/trace`} />
          <Command words={`trace ${id}`} />
        </section>
      )}
      {story !== undefined && <Logs story={story} />}
    </>
  );
}

/** The view of a trace that is no order's. */
export function TraceView() {
  const { trace } = useParams({ from: '/traces/$trace' });
  return (
    <>
      <h1>Trace</h1>
      <p>
        <code>{trace}</code>
      </p>
      <section className="card" aria-label="Trace">
        <TraceOf path={`/api/traces/${trace}`} />
        <Command words={`trace ${trace}`} />
      </section>
    </>
  );
}

function isUnderWay({ order, events }: Story): boolean {
  return order.status === 'PENDING' || events.some(({ received_at: received }) => received === null);
}

/** Readings of a trace that may still become whole. */
const traceReadings = 30;

function TraceOf({ path }: { readonly path: string }) {
  const every = useEvery(everyMs);
  const { data: verdict, error } = useReading({
    queryKey: ['trace', path],
    queryFn: ({ signal }) => ask(verdictSchema, path, { signal }),
    // spans are sent each second, and collected in batches
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data?.complete === true || dataUpdateCount > traceReadings ? false : every,
  });
  if (verdict !== undefined) return <Waterfall verdict={verdict} />;
  if (error === null) return <p>Reading the trace…</p>;
  const away = error instanceof AskError && error.part === 'jaeger';
  return (
    <p className="notice bad">
      {error.message}
      {away &&
        '. It may still be built, or be stopped; the rest of the story is here, and the trace comes by itself.'}
    </p>
  );
}

function StoryOf({
  story: { order, lines, trace_id: traceId, events, movements, lacks },
}: {
  readonly story: Story;
}) {
  const session = useSession().data;
  const jaeger = session?.mode === 'compose' ? session.urls['jaeger'] : undefined;
  return (
    <>
      {lacks.map((lack) => (
        <p key={lack} className="notice bad">
          {lack}
        </p>
      ))}
      <div className="two">
        <section className="card" aria-labelledby="what">
          <h2 id="what">
            <StatusText status={order.status} />
          </h2>
          <dl className="facts">
            <Fact name="placed">{timeText(order.created_at)}</Fact>
            <Fact name="ended">
              {order.ended_at === null
                ? 'not yet'
                : `${timeText(order.ended_at)}, after ${millisecondsText(order.ended_at - order.created_at)}`}
            </Fact>
            {order.reason !== null && <Fact name="reason">{order.reason}</Fact>}
            <Fact name="user">{order.user_id}</Fact>
            <Fact name="bought">
              {lines.map((line) => `${line.quantity} × product ${line.product_id}`).join(', ')},{' '}
              {moneyText(order.total_price)}
            </Fact>
            {order.idempotency_key !== null && (
              <Fact name="key">
                <code>{order.idempotency_key}</code>
              </Fact>
            )}
            {traceId !== null && (
              <Fact name="trace id">
                <code>{traceId}</code>
                {jaeger !== undefined && <a href={`${jaeger}/trace/${traceId}`}> in Jaeger</a>}
              </Fact>
            )}
          </dl>
        </section>
        <section className="card" aria-labelledby="events">
          <h2 id="events">Events and stock</h2>
          {events.length === 0 && <p className="soft">No event of it is in an outbox any more.</p>}
          {events.length > 0 && (
            <Table label="Events and stock" columns={['event', 'in the outbox', 'to its effect']}>
              {events.map((event) => (
                <EventLine key={event.message_id} event={event} />
              ))}
            </Table>
          )}
          <ul className="plain">
            {movements.map(({ product_id: product, delta, created_at: at }) => (
              <li key={product}>
                stock of product {product}: {delta > 0 ? `+${delta}` : delta} at {timeText(at)}
              </li>
            ))}
            {movements.length === 0 && <li className="soft">no stock was moved</li>}
          </ul>
        </section>
      </div>
    </>
  );
}

function EventLine({ event }: { readonly event: EventRow }) {
  const {
    type,
    from,
    to,
    created_at: created,
    published_at: published,
    received_at: received,
    failed,
  } = event;
  return (
    <tr>
      <th scope="row">
        {type}
        <small className="soft">
          {' '}
          {from} → {to}
        </small>
      </th>
      <td>
        {failed !== null
          ? `✗ set aside: ${failed}`
          : published === null
            ? 'waits'
            : millisecondsText(published - created)}
      </td>
      <td>{received === null ? 'not yet' : millisecondsText(received - created)}</td>
    </tr>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Logs({ story: { order, logs } }: { readonly story: Story }) {
  return (
    <section className="card below" aria-labelledby="logs">
      <h2 id="logs">Log lines</h2>
      {logs === null ? (
        <p>The engine keeps the logs of containers; in the checkout this command prints them:</p>
      ) : (
        <Table label="Log lines" className="logs" columns={['time', 'part', 'line']}>
          {logs.map(({ part, time, text }) => (
            <tr key={`${part} ${time} ${text}`}>
              <td>{new Date(time).toISOString().slice(11, 23)}</td>
              <th scope="row">{part}</th>
              <td>
                <LogText text={text} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Command words={`logs --order ${order.id}`} inCheckout />
    </section>
  );
}

/** What of a line is shown first; the rest is there to open. */
function LogText({ text }: { readonly text: string }) {
  const fields: unknown = JSON.parse(text);
  const of = (name: string) => {
    const value: unknown =
      fields !== null && typeof fields === 'object'
        ? Object.entries(fields).find(([key]) => key === name)?.[1]
        : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const head = ['msg', 'direction', 'method', 'url', 'path', 'status', 'peer']
    .map(of)
    .filter((word) => word !== '');
  return (
    <details>
      <summary>{head.join(' ')}</summary>
      <code className="whole">{text}</code>
    </details>
  );
}
