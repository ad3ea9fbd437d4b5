/** Events that cannot leave their outbox, or left it and are nowhere: sent again. */
import { outboxListSchema, type RetryBody, retriedSchema } from '@microshop/control/outbox/schemas';
import { Link } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { Said } from '../faults/fault-form.tsx';
import { ageText } from '../look/format.ts';
import { Table } from '../look/table.tsx';
import { Unread } from '../look/unread.tsx';
import { retryCommand } from './message-command.ts';

/** Time between two readings, milliseconds: it reads databases and broker. */
const everyMs = 5000;

/** Rows that are shown. */
const shownAtMost = 100;

const sendAgain = (body: RetryBody) => ask(retriedSchema, '/api/outbox/retry', { method: 'POST', body });

/** An event that does not arrive by itself. */
interface Held {
  readonly key: string;
  readonly state: string;
  readonly type: string;
  readonly order: number | null;
  readonly age: number;
  readonly why: string;
  /** What sends it again. */
  readonly body: RetryBody;
  /** Id that is typed for it. */
  readonly typed: string | number;
}

/** What was set aside, and what was lost. */
export function Outbox() {
  const { data, error } = useReading({
    queryKey: ['outbox'],
    queryFn: ({ signal }) => ask(outboxListSchema, '/api/outbox', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const retry = useChange(sendAgain, ['outbox', 'messages']);
  const rows: Held[] = [
    ...(data?.set_aside ?? []).map(
      (row): Held => ({
        key: row.message_id,
        state: `set aside by ${row.service}`,
        type: row.type,
        order: row.order_id,
        age: row.age_s,
        why: row.reason,
        body: { message_ids: [row.message_id] },
        typed: row.message_id,
      }),
    ),
    ...(data?.lost ?? []).map(
      (row): Held => ({
        key: `order ${row.order_id}`,
        state: 'lost',
        type: 'ORDER_CREATED',
        order: row.order_id,
        age: row.age_s,
        why: 'it was published, and is in no queue; its order has not ended',
        body: { order_ids: [row.order_id] },
        typed: row.order_id,
      }),
    ),
  ];
  const count = (data?.set_aside_count ?? 0) + (data?.lost_count ?? 0);
  return (
    <section className="card below" aria-labelledby="held">
      <h2 id="held">Set aside or lost</h2>
      <Unread error={error} what="the list" />
      {data !== undefined && count === 0 && <p>No event is set aside, and none is lost.</p>}
      {data !== undefined && data.waiting + data.under_way > 0 && (
        <p className="soft">
          On their way: {data.waiting + data.under_way}. Until they have arrived, no order counts as lost.
        </p>
      )}
      {rows.length > 0 && (
        <Table label="Set aside or lost" columns={['event', 'order', 'state', 'age', 'why', '']}>
          {rows.slice(0, shownAtMost).map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.type}</th>
              <td>{row.order !== null && <OrderLink id={row.order} />}</td>
              <td>{row.state}</td>
              <td>{ageText(row.age)}</td>
              <td>{row.why}</td>
              <td>
                <Button
                  className="quiet"
                  aria-label={`Send again ${row.key}`}
                  isDisabled={!retry.allowed || retry.isPending}
                  onPress={() => retry.mutate(row.body)}
                >
                  Send again
                </Button>
                <Command words={retryCommand(row.typed)} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {count > Math.min(rows.length, shownAtMost) && (
        <p className="soft">and {count - Math.min(rows.length, shownAtMost)} more</p>
      )}
      <div className="row">
        <Button
          className="main"
          isDisabled={!retry.allowed || retry.isPending || (data?.set_aside_count ?? 0) === 0}
          onPress={() => retry.mutate({ set_aside: true })}
        >
          Send what was set aside again
        </Button>
        <Command words="outbox retry --set-aside" />
      </div>
      <div className="row">
        <Button
          className="main"
          isDisabled={!retry.allowed || retry.isPending || (data?.lost_count ?? 0) === 0}
          onPress={() => retry.mutate({ lost: true })}
        >
          Send what was lost again
        </Button>
        <Command words="outbox retry --lost" />
      </div>
      <Said error={retry.error}>
        {retry.data !== undefined &&
          (retry.data.events.length === 0
            ? 'There was nothing to send: what it was about has ended.'
            : `${retry.data.events.length} sent again.`)}
      </Said>
    </section>
  );
}

/** The story of an order. */
export function OrderLink({ id }: { readonly id: number }) {
  return (
    <Link to="/orders/$id" params={{ id: String(id) }}>
      {id}
    </Link>
  );
}
