/** Messages that could not be consumed, each with its reason: sent again, or dropped. */
import {
  type ActionResult,
  actedSchema,
  type DeadLetter,
  letterListSchema,
  longestReason,
} from '@microshop/control/dead-letters/schemas';
import { Link, useSearch } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { Said } from '../faults/fault-form.tsx';
import { Table } from '../look/table.tsx';
import { Unread } from '../look/unread.tsx';
import { dropCommand, replayCommand } from './message-command.ts';
import { OrderLink } from './outbox.tsx';

const everyMs = 5000;

/** Rows that are shown. */
const shownAtMost = 100;

/** Letters of which it is said one by one what became of them. */
const namedAtMost = 3;

/** What is done with some of them, as the API takes it. */
interface Action {
  readonly action: 'replay' | 'drop';
  readonly body: { readonly ids?: readonly string[]; readonly all?: true; readonly reason?: string };
}

const acted = ({ action, body }: Action) =>
  ask(actedSchema, `/api/dead-letters/${action}`, { method: 'POST', body });

/** The list, and the one that is open. */
export function DeadLetters() {
  const { queue, letter } = useSearch({ from: '/messages' });
  const { data, error } = useReading({
    queryKey: ['letters'],
    queryFn: ({ signal }) => ask(letterListSchema, '/api/dead-letters', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  // a message that was handled leaves the list: its result is kept here
  const act = useChange(acted, ['letters', 'messages']);
  const enabled = act.allowed && !act.isPending;
  const all = data?.dead_letters ?? [];
  const letters = queue === undefined ? all : all.filter((one) => one.queue === queue);
  const open = letters.find(({ id }) => id === letter);
  return (
    <section className="card below" aria-labelledby="dead">
      <h2 id="dead">Dead letters{queue === undefined ? '' : ` of ${queue}`}</h2>
      {queue !== undefined && (
        <p>
          <Link to="/messages" search={(now) => ({ ...now, queue: undefined })}>
            Those of every queue
          </Link>
        </p>
      )}
      <Unread error={error} what="the list" />
      {data !== undefined && letters.length === 0 && <p>There are no dead letters.</p>}
      {letters.length > 0 && <LetterTable letters={letters.slice(0, shownAtMost)} />}
      {letters.length > shownAtMost && <p className="soft">and {letters.length - shownAtMost} more</p>}
      {letter !== undefined && data !== undefined && open === undefined && (
        <p className="soft">The dead letter {letter} is not there any more.</p>
      )}
      {open !== undefined && (
        <OpenLetter
          key={open.id}
          letter={open}
          enabled={enabled}
          replay={() => act.mutate({ action: 'replay', body: { ids: [open.id] } })}
          drop={(reason) => act.mutate({ action: 'drop', body: { ids: [open.id], reason } })}
        />
      )}
      <div className="row">
        <Button
          className="main"
          isDisabled={!enabled || all.length === 0}
          onPress={() => act.mutate({ action: 'replay', body: { all: true } })}
        >
          Replay all
        </Button>
        <Command words="dlq replay --all" />
      </div>
      <Said error={act.error}>{act.data !== undefined && outcomeText(act.data.results)}</Said>
    </section>
  );
}

function LetterTable({ letters }: { readonly letters: readonly DeadLetter[] }) {
  return (
    <Table label="Dead letters" columns={['id', 'type', 'order', 'queue', 'why']}>
      {letters.map((letter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two copies of a message have one id
        <tr key={`${letter.queue} ${letter.id} ${index}`}>
          <th scope="row">
            <Link to="/messages" search={(now) => ({ ...now, letter: letter.id })}>
              {letter.id}
            </Link>
          </th>
          <td>{letter.type ?? 'none'}</td>
          <td>{letter.order_id !== null && <OrderLink id={letter.order_id} />}</td>
          <td>{letter.queue}</td>
          <td>{letter.reason}</td>
        </tr>
      ))}
    </Table>
  );
}

interface OpenProps {
  readonly letter: DeadLetter;
  /** Whether something can be done with it now. */
  readonly enabled: boolean;
  readonly replay: () => void;
  readonly drop: (reason: string) => void;
}

/** What is known of one, and what can be done with it. */
function OpenLetter({ letter, enabled, replay, drop }: OpenProps) {
  const [reason, setReason] = useState('Dropped by the operator');
  const reasonId = useId();
  const { id, published_at: published, trace_id: trace } = letter;
  return (
    <section aria-labelledby="letter">
      <h3 id="letter" className="breaks">
        {id}
      </h3>
      <p className="breaks">{letter.reason}</p>
      <p className="soft">
        {published === null ? 'It does not say when it was published' : `Published ${published}`}
        {trace !== null && (
          <>
            ,{' '}
            <Link to="/traces/$trace" params={{ trace }}>
              its trace
            </Link>
          </>
        )}
      </p>
      <div className="row">
        <Button className="main" isDisabled={!enabled} onPress={replay}>
          Replay
        </Button>
        <Command words={replayCommand(id)} />
      </div>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          drop(reason);
        }}
      >
        <span className="field wide">
          <label htmlFor={reasonId}>why, for the client that ordered</label>
          <input
            id={reasonId}
            required
            maxLength={longestReason}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </span>
        <Button type="submit" className="main" isDisabled={!enabled}>
          Drop for good
        </Button>
        <Command words={dropCommand(id, reason)} />
      </form>
    </section>
  );
}

/** What became of some letters; of more than a few, how many they were. */
function outcomeText(results: readonly ActionResult[]): string {
  if (results.length > namedAtMost) return `${results.length} dead letters are done.`;
  return results.map(({ letter, outcome }) => `${letter.id}: ${outcome}`).join('. ');
}
