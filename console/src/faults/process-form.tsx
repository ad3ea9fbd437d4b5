/** A form that makes a process fail, natively; in containers, where the engine has the processes, the command. */
import {
  type ProcessWish,
  processDoneSchema,
  processFaultPath,
} from '@microshop/control/console/process-schemas';
import { instantFaultNames, timedFaultNames } from '@microshop/program-kit/process-faults';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useOverview } from '../api/live.ts';
import { useSession } from '../api/session.ts';
import { Command } from '../app/command.tsx';
import { Choice, NumberIn, Said } from './fault-form.tsx';

type Kind = ProcessWish['kind'];

/** Words of each kind. */
const kinds: Readonly<Record<Kind, string>> = {
  kill: 'kill it, as a crash would',
  restart: 'end it in order, start it again',
  pause: 'suspend it',
  down: 'kill it, leave it down',
  'read-only': 'PostgreSQL refuses every write',
  'hold-commits': 'PostgreSQL acknowledges no commit',
  'hold-locks': 'PostgreSQL keeps the inboxes locked',
  'memory-alarm': 'RabbitMQ takes no message',
};

const options = [...instantFaultNames, ...timedFaultNames].map((kind) => [kind, kinds[kind]] as const);

/** Whether it lasts for a time. */
const isTimed = (kind: Kind) => timedFaultNames.some((name) => name === kind);

const fail = (wish: ProcessWish) => ask(processDoneSchema, processFaultPath, { method: 'POST', body: wish });

/** The form; it names the command that does the same. */
export function ProcessForm() {
  const [part, setPart] = useState('products');
  const [kind, setKind] = useState<Kind>('kill');
  const [seconds, setSeconds] = useState(10);
  const parts = useOverview().data?.parts.map(({ name }) => name) ?? [];
  const mode = useSession().data?.mode;
  const change = useChange(fail, ['overview']);
  const timed = isTimed(kind);
  const words = `fault process ${part} --${kind}${timed ? ` --for ${seconds}s` : ''}`;
  if (mode === 'compose') {
    return (
      <>
        <p>The engine runs the processes: use this command on the host, in the checkout.</p>
        <Command words={words} inCheckout />
      </>
    );
  }
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ part, kind, ...(timed ? { for_ms: seconds * 1000 } : {}) });
      }}
    >
      <Choice
        label="process"
        value={part}
        options={(parts.includes(part) ? parts : [part, ...parts]).map((name) => [name, name])}
        choose={setPart}
      />
      <Choice label="what happens" value={kind} options={options} choose={setKind} />
      {timed && <NumberIn label="for seconds" value={seconds} least={1} most={600} change={setSeconds} />}
      <Button type="submit" className="main" isDisabled={!change.allowed || change.isPending}>
        {change.isPending ? 'under way…' : 'Make it fail'}
      </Button>
      <Said error={change.error}>{change.data?.said}</Said>
      <Command words={words} />
    </form>
  );
}
