/** A form that places one order, and leads to its story. */
import { placedSchema } from '@microshop/control/console/schemas';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { Command } from '../app/command.tsx';
import { NumberIn, Said } from '../faults/fault-form.tsx';

interface Wish {
  readonly user: number;
  readonly product: number;
  readonly quantity: number;
}

const place = ({ user, product, quantity }: Wish) =>
  ask(placedSchema, '/api/console/orders', {
    method: 'POST',
    body: { user_id: user, product_id: product, quantity },
  });

/** The form. */
export function PlaceOrder() {
  const [wish, setWish] = useState<Wish>({ user: 1, product: 1, quantity: 1 });
  const placing = useChange(place, ['orders']);
  const { data } = placing;
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        placing.mutate(wish);
      }}
    >
      <NumberIn
        label="user"
        value={wish.user}
        least={1}
        most={2 ** 31 - 1}
        change={(user) => setWish({ ...wish, user })}
      />
      <NumberIn
        label="product"
        value={wish.product}
        least={1}
        most={2 ** 31 - 1}
        change={(product) => setWish({ ...wish, product })}
      />
      <NumberIn
        label="quantity"
        value={wish.quantity}
        least={1}
        most={10_000}
        change={(quantity) => setWish({ ...wish, quantity })}
      />
      <Button type="submit" className="main" isDisabled={!placing.allowed || placing.isPending}>
        {placing.isPending ? 'placing…' : 'Place order'}
      </Button>
      <Said error={placing.error}>
        {typeof data?.order_id === 'number' && (
          <Link to="/orders/$id" params={{ id: String(data.order_id) }}>
            Order {data.order_id} is placed
          </Link>
        )}
        {typeof data?.refusal === 'string' && (
          <>
            Refused: {data.refusal}.{' '}
            <Link to="/traces/$trace" params={{ trace: data.trace_id }}>
              Its trace
            </Link>
          </>
        )}
      </Said>
      <Command words={`order --user ${wish.user} --product ${wish.product} --quantity ${wish.quantity}`} />
    </form>
  );
}
