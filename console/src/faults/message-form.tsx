/** A form that makes a message go wrong at the broker: an event that comes once more, or one that no consumer can handle. */
import {
  consumers,
  type MessageRequest,
  madeMessageSchema,
  type PoisonKind,
  poisonKinds,
} from '@microshop/control/messages/schemas';
import { maxId } from '@microshop/topology';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { Command } from '../app/command.tsx';
import { Choice, NumberIn, Said } from './fault-form.tsx';

/** Words of what can be asked for: the duplicate of an event, or poison. */
const kinds: Readonly<Record<'duplicate' | PoisonKind, string>> = {
  duplicate: 'the event of an order, once more',
  'not-json': 'a body that is not JSON',
  'missing-field': 'a body without its fields',
  'unknown-type': 'an unknown type',
  'no-id': 'a message without an id',
};

const options = (['duplicate', ...poisonKinds] as const).map((kind) => [kind, kinds[kind]] as const);

const makeMessage = (wish: MessageRequest) =>
  ask(madeMessageSchema, '/api/messages', { method: 'POST', body: wish });

/** The command that does the same. */
export function messageFaultWords(wish: MessageRequest): string {
  return wish.kind === 'duplicate'
    ? `fault message --duplicate --order ${wish.order_id}`
    : `fault message --poison ${wish.poison} --to ${wish.to}`;
}

/** The form; it names the command that does the same. */
export function MessageForm() {
  const [kind, setKind] = useState<'duplicate' | PoisonKind>('not-json');
  const [to, setTo] = useState(consumers[0] ?? 'products');
  const [order, setOrder] = useState(1);
  const change = useChange(makeMessage, ['messages']);
  const wish: MessageRequest =
    kind === 'duplicate' ? { kind, order_id: order } : { kind: 'poison', poison: kind, to };
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(wish);
      }}
    >
      <Choice label="message" value={kind} options={options} choose={setKind} />
      {kind === 'duplicate' ? (
        <NumberIn label="of order" value={order} least={1} most={maxId} change={setOrder} />
      ) : (
        <Choice label="consumer" value={to} options={consumers.map((name) => [name, name])} choose={setTo} />
      )}
      <Button type="submit" className="main" isDisabled={!change.allowed || change.isPending}>
        Make it
      </Button>
      <Said error={change.error}>
        {change.data !== undefined && (
          <>
            It is in {change.data.queue}
            {change.data.consuming ? '' : `, and ${change.data.consumer} does not run`}.{' '}
            {change.data.order_id === null ? (
              <Link to="/messages">It becomes a dead letter</Link>
            ) : (
              <Link to="/orders/$id" params={{ id: String(change.data.order_id) }}>
                It takes effect once
              </Link>
            )}
          </>
        )}
      </Said>
      <Command words={messageFaultWords(wish)} />
    </form>
  );
}
