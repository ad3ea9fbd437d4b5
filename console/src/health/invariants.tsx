/** The invariants as lights, the time of the last audit, and a button that runs one. */
import type { LiveInvariant } from '@microshop/control/audit/live';
import { auditSchema, lastAuditSchema } from '@microshop/control/audit/report';
import { Link, useSearch } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { Said } from '../faults/fault-form.tsx';
import { timeText } from '../look/format.ts';
import { Table } from '../look/table.tsx';
import { Unread } from '../look/unread.tsx';
import { type Light, lightsOf, looks } from './lights.ts';

const everyMs = 5000;

const runAudit = () => ask(auditSchema, '/api/audit', { method: 'POST', body: {} });

/** The lights; `live` are those that figures show. */
export function Invariants({ live }: { readonly live: readonly LiveInvariant[] | undefined }) {
  const { light } = useSearch({ from: '/health' });
  const { data, error } = useReading({
    queryKey: ['audit'],
    queryFn: ({ signal }) => ask(lastAuditSchema, '/api/audit/last', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const run = useChange(runAudit, ['audit']);
  const last = data?.last ?? null;
  const lights = lightsOf(last, live);
  return (
    <section className="card below" aria-labelledby="invariants">
      <h2 id="invariants">Invariants</h2>
      <Unread error={error} />
      <p>
        {last === null
          ? 'I1 to I4: there was no audit since the control service was started.'
          : `I1 to I4 by the audit of ${timeText(last.at)}: ${auditText(last.audit)}.`}{' '}
        The others by the figures of the last minutes.
      </p>
      <Table label="Invariants" columns={['light', 'state', 'what must hold']}>
        {lights.map((one) => (
          <LightRow key={one.id} light={one} open={one.id === light} />
        ))}
      </Table>
      <div className="row">
        <Button
          className="main"
          isDisabled={!run.allowed || run.isPending}
          onPress={() => run.mutate(undefined)}
        >
          {run.isPending ? 'auditing…' : 'Run an audit'}
        </Button>
        <Command words="audit" />
      </div>
      <Said error={run.error}>
        {run.isPending && 'It waits until nothing is on its way, for 15 s at most, and reads every order.'}
        {run.data !== undefined && !run.isPending && `Audited: ${auditText(run.data)}.`}
      </Said>
    </section>
  );
}

/** What an audit read of, and whether it could read it all. */
function auditText({
  orders,
  settled,
  unread,
}: {
  readonly orders: { readonly total: number | null };
  readonly settled: boolean;
  readonly unread: readonly string[];
}): string {
  const all = `${orders.total ?? 'an unknown number of'} orders`;
  if (unread.length > 0) return `${all}; ${unread.join('; ')}`;
  return settled ? all : `${all}, with events still on their way`;
}

function LightRow({ light, open }: { readonly light: Light; readonly open: boolean }) {
  const { id, says, verdict, why, brokenBy } = light;
  const { sign, word, health } = looks[verdict];
  return (
    <tr>
      <th scope="row">
        <Link to="/health" search={(now) => ({ ...now, light: open ? undefined : id })} aria-expanded={open}>
          {id}
        </Link>
      </th>
      <td>
        <span className={`state ${health}`}>
          {sign} {word}
        </span>
      </td>
      <td>
        {says}
        {(open || verdict === 'BROKEN') && (
          <ul className="plain soft">
            {why !== '' && <li>{why}</li>}
            {brokenBy.map((thing) => (
              <li key={thing}>{thing}</li>
            ))}
            {why === '' && brokenBy.length === 0 && <li>Nothing breaks it.</li>}
          </ul>
        )}
      </td>
    </tr>
  );
}
