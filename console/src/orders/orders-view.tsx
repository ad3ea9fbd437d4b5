/** Orders: the youngest first, live; searched by id, user, status, key or trace id; and placed. */
import { type ListedOrder, orderListSchema, orderStatuses } from '@microshop/control/console/schemas';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useEvery, useOverview } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { millisecondsText, moneyText, timeText } from '../look/format.ts';
import { PlaceOrder } from './place-order.tsx';
import { StatusText } from './status-text.tsx';
import { TrafficSwitch } from './traffic-switch.tsx';
import './orders.css';
import { Table } from '../look/table.tsx';
import { Unread } from '../look/unread.tsx';

const everyMs = 2000;

/** The view. */
export function OrdersView() {
  const { q = '', status, before } = useSearch({ from: '/orders' });
  const navigate = useNavigate({ from: '/orders' });
  const overview = useOverview();
  const query = new URLSearchParams({
    ...(q === '' ? {} : { search: q }),
    ...(status === undefined ? {} : { status }),
    ...(before === undefined ? {} : { before: String(before) }),
  });
  const { data, error } = useReading({
    queryKey: ['orders', query.toString()],
    queryFn: ({ signal }) => ask(orderListSchema, `/api/console/orders?${query}`, { signal }),
    refetchInterval: useEvery(everyMs),
    placeholderData: (earlier) => earlier,
  });
  const orders = data?.orders ?? [];
  const last = orders.at(-1);
  const statusId = useId();
  return (
    <>
      <h1>Orders</h1>
      <section className="card" aria-label="Place orders">
        <PlaceOrder />
        {overview.data !== undefined && <TrafficSwitch traffic={overview.data.traffic} />}
      </section>
      <section className="card below" aria-labelledby="list">
        <div className="row">
          <h2 id="list">{before === undefined ? 'Youngest first' : `Before order ${before}`}</h2>
          <Search
            key={q}
            text={q}
            search={(text) => void navigate({ search: { q: text === '' ? undefined : text, status } })}
          />
          <span className="field">
            <label htmlFor={statusId}>status</label>
            <select
              id={statusId}
              value={status ?? ''}
              onChange={({ target }) => {
                const wanted = orderStatuses.find((one) => one === target.value);
                void navigate({ search: { q: q === '' ? undefined : q, status: wanted } });
              }}
            >
              <option value="">any</option>
              {orderStatuses.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </span>
        </div>
        <Unread error={error} what="the list" />
        {data !== undefined && orders.length === 0 && (
          <p>
            {q === '' && status === undefined && before === undefined
              ? 'No order has been placed yet.'
              : 'No order is like that.'}
          </p>
        )}
        {orders.length > 0 && <OrdersTable orders={orders} />}
        <div className="row">
          {before !== undefined && (
            <Link to="/orders" search={(now) => ({ ...now, before: undefined })}>
              Back to the newest
            </Link>
          )}
          {last !== undefined && orders.length === 50 && (
            <Link to="/orders" search={(now) => ({ ...now, before: last.id })}>
              Older ones
            </Link>
          )}
        </div>
      </section>
    </>
  );
}

interface SearchProps {
  readonly text: string;
  readonly search: (text: string) => void;
}

function Search({ text, search }: SearchProps) {
  const [typed, setTyped] = useState(text);
  const id = useId();
  return (
    <search>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          search(typed.trim());
        }}
      >
        <span className="field wide">
          <label htmlFor={id}>search: id, user:id, trace id or key</label>
          <input id={id} type="search" value={typed} onChange={({ target }) => setTyped(target.value)} />
        </span>
        <Button type="submit" className="quiet">
          Search
        </Button>
      </form>
    </search>
  );
}

function OrdersTable({ orders }: { readonly orders: readonly ListedOrder[] }) {
  return (
    <Table label="Orders" columns={['order', 'status', 'user', 'total', 'placed', 'took', 'reason']}>
      {orders.map((order) => (
        <tr key={order.id}>
          <th scope="row">
            <Link to="/orders/$id" params={{ id: String(order.id) }}>
              {order.id}
            </Link>
          </th>
          <td>
            <StatusText status={order.status} />
          </td>
          <td>{order.user_id}</td>
          <td>{moneyText(order.total_price)}</td>
          <td>{timeText(order.created_at)}</td>
          <td>{millisecondsText(order.ended_at === null ? null : order.ended_at - order.created_at)}</td>
          <td>{order.reason}</td>
        </tr>
      ))}
    </Table>
  );
}
