/** Whether the mesh keeps what it promises: alerts, objective, invariants, traces, parts. */
import { type Alert, type Health, healthSchema } from '@microshop/control/console/health-schemas';
import { Link } from '@tanstack/react-router';
import { ask } from '../api/ask.ts';
import { useEvery, useOverview } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { timeText, unbroken } from '../look/format.ts';
import { Invariants } from './invariants.tsx';
import { Objective } from './objective.tsx';
import { Traces } from './traces.tsx';
import './health.css';

/** Time between two readings, milliseconds: Prometheus judges its rules as often. */
const everyMs = 5000;

/** The view. */
export function HealthView() {
  const { data, error } = useReading({
    queryKey: ['health'],
    queryFn: ({ signal }) => ask(healthSchema, '/api/console/health', { signal }),
    refetchInterval: useEvery(everyMs),
  });
  const lacks = error === null ? (data?.lacks ?? []) : [error.message];
  return (
    <>
      <h1>Health</h1>
      {lacks.map((lack) => (
        <p key={lack} className="notice bad">
          {lack}; it comes back by itself.
        </p>
      ))}
      <div className="two">
        <section className="card" aria-labelledby="alerts">
          <h2 id="alerts">Alerts</h2>
          {data !== undefined && <Alerts alerts={data.alerts} quiet={data.quiet} />}
        </section>
        <section className="card" aria-labelledby="parts">
          <h2 id="parts">Parts</h2>
          <Parts />
        </section>
        <section className="card" aria-labelledby="objective">
          <h2 id="objective">What clients are promised</h2>
          <Objective objective={data?.objective ?? null} />
        </section>
        <section className="card" aria-labelledby="traces">
          <h2 id="traces">Traces</h2>
          <Traces />
        </section>
      </div>
      <Invariants live={data?.invariants} />
    </>
  );
}

function Alerts({ alerts, quiet }: Pick<Health, 'alerts' | 'quiet'>) {
  if (alerts === null) return <p className="state idle">? Prometheus does not say.</p>;
  return (
    <>
      {alerts.length === 0 && <p className="state well">✓ No alert fires.</p>}
      <ul className="plain">
        {alerts.map((alert) => (
          <AlertLine key={`${alert.name} ${alert.summary}`} alert={alert} />
        ))}
      </ul>
      <details>
        <summary>{quiet.length} are quiet</summary>
        {quiet.join(', ')}
      </details>
    </>
  );
}

function AlertLine({ alert: { name, severity, state, since, summary, next } }: { readonly alert: Alert }) {
  const fires = state === 'firing';
  return (
    <li className="alert">
      <p className={fires ? 'state bad' : 'state watched'}>
        {fires ? '✗' : '!'} {name}: {fires ? 'fires' : 'begins'}, since {timeText(since)}
        {severity === 'page' ? '; clients notice' : '; it can wait'}
      </p>
      <p>{unbroken(summary)}.</p>
      <p className="soft">What to do: {next}</p>
    </li>
  );
}

function Parts() {
  const parts = useOverview().data?.parts ?? [];
  const down = parts.filter(({ healthy }) => !healthy);
  return (
    <>
      {parts.length > 0 && (
        <p className={down.length === 0 ? 'state well' : 'state bad'}>
          {down.length === 0 ? '✓' : '✗'} {parts.length - down.length} of {parts.length} answer.
        </p>
      )}
      <ul className="plain">
        {down.map(({ name, why }) => (
          <li key={name}>
            {name}: {why}
          </li>
        ))}
      </ul>
      <Link to="/parts">Each part</Link>
      <Command words="status" />
    </>
  );
}
