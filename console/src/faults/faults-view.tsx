/** Faults of calls: set, what they hit, when they end, cleared; and what the callers feel meanwhile. */
import { type FaultAnswer, faultListSchema } from '@microshop/control/changes/schemas';
import { effectsIn } from '@microshop/topology';
import { Link } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery, useOverview } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { ageText, attemptsText, millisecondsText, rateText, shareText, unbroken } from '../look/format.ts';
import { Table } from '../look/table.tsx';
import { healthOf, healthText } from '../map/health.ts';
import { TrafficSwitch } from '../orders/traffic-switch.tsx';
import { clearFaults } from './clear-faults.ts';
import { firstWish } from './fault-command.ts';
import { FaultForm, Said } from './fault-form.tsx';
import { MessageForm } from './message-form.tsx';
import { ProcessForm } from './process-form.tsx';

const everyMs = 2000;

/** The view. */
export function FaultsView() {
  const faults = useReading({
    queryKey: ['faults'],
    queryFn: ({ signal }) => ask(faultListSchema, '/api/faults', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const overview = useOverview();
  const clear = useChange(clearFaults, ['faults', 'overview']);
  const list = faults.data?.faults ?? [];
  const calls = overview.data?.edges.filter(({ kind }) => kind === 'http') ?? [];
  return (
    <>
      <h1>Faults</h1>
      <div className="two">
        <section className="card" aria-labelledby="set">
          <h2 id="set">Set a fault</h2>
          <FaultForm first={firstWish()} />
        </section>
        <section className="card" aria-labelledby="felt">
          <h2 id="felt">What callers see</h2>
          <Table
            label="What callers see"
            className="figures-table"
            columns={['edge', 'state', 'rate', 'succeed', 'p95', 'attempts']}
          >
            {calls.map((edge) => (
              <tr key={edge.id}>
                <th scope="row">
                  <Link to="/" search={{ edge: edge.id }}>
                    {edge.id}
                  </Link>
                </th>
                <td className={`state ${healthOf(edge)}`}>{healthText(healthOf(edge))}</td>
                <td>{rateText(edge.rate)}</td>
                <td>{shareText(edge.failed === null ? null : 1 - edge.failed)}</td>
                <td>{millisecondsText(edge.p95_ms)}</td>
                <td>{attemptsText(edge.attempts)}</td>
              </tr>
            ))}
          </Table>
          {overview.data !== undefined && <TrafficSwitch traffic={overview.data.traffic} />}
        </section>
      </div>
      <section className="card below" aria-labelledby="inEffect">
        <h2 id="inEffect">Set now</h2>
        {faults.error !== null && <p className="notice bad">{faults.error.message}</p>}
        {list.length === 0 ? (
          <p>No fault is set.</p>
        ) : (
          <Table
            label="Faults that are set"
            columns={['service', 'calls of', 'what', 'ends', 'hit', 'in effect', '']}
          >
            {list.map((fault) => (
              <tr key={`${fault.service} ${fault.from}`}>
                <th scope="row">{fault.service}</th>
                <td>{fault.from ?? 'every caller'}</td>
                <td>{whatOf(fault)}</td>
                <td>{endOf(fault)}</td>
                <td>{Object.values(fault.hits).reduce((sum, hits) => sum + hits, 0)}</td>
                <td>{fault.waiting_for.length === 0 ? 'yes' : `not at ${fault.waiting_for.join(', ')}`}</td>
                <td>
                  <Button
                    className="quiet"
                    isDisabled={!clear.allowed}
                    onPress={() => clear.mutate(fault.service)}
                  >
                    Clear {fault.service}
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        )}
        <div className="row">
          <Button
            className="main"
            isDisabled={!clear.allowed || list.length === 0}
            onPress={() => clear.mutate(undefined)}
          >
            Clear all
          </Button>
          <Command words="fault clear" />
        </div>
        <Said error={clear.error}>{clear.data !== undefined && `${clear.data.cleared} cleared.`}</Said>
      </section>
      <section className="card below" aria-labelledby="process">
        <h2 id="process">A process that fails</h2>
        <ProcessForm />
      </section>
      <section className="card below" aria-labelledby="message">
        <h2 id="message">A message that comes twice, or that no consumer can handle</h2>
        <MessageForm />
      </section>
    </>
  );
}

function whatOf(fault: FaultAnswer): string {
  const effects = effectsIn(fault).map(
    ({ field, value }) => `${field.effect.said} ${value}${field.kind === 'duration' ? ' ms' : ''}`,
  );
  return unbroken(`${effects.join(', ')}, ${fault.percent} %`);
}

function endOf({ expires_at: end }: FaultAnswer): string {
  return end === null
    ? 'when it is cleared'
    : `in ${ageText(Math.max(0, Math.ceil((end - Date.now()) / 1000)))}`;
}
