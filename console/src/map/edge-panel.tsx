/** The panel of an edge: figures over the last minutes, traces, faults, and its policy. */
import {
  type EdgeTrace,
  edgeSeriesSchema,
  edgeTracesSchema,
  type MapEdge,
} from '@microshop/control/console/schemas';
import { type CallEdge, callEdges } from '@microshop/topology';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Button } from 'react-aria-components';
import { ask } from '../api/ask.ts';
import { useChange } from '../api/change.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Command } from '../app/command.tsx';
import { loaded } from '../app/loaded.ts';
import { clearFaults } from '../faults/clear-faults.ts';
import { firstWish } from '../faults/fault-command.ts';
import { FaultForm, Said } from '../faults/fault-form.tsx';
import { attemptsText, millisecondsText, rateText, shareText, timeText } from '../look/format.ts';
import { Unread } from '../look/unread.tsx';
import { badgesOf, healthOf, healths, healthText, troublesOf } from './health.ts';
import { PolicySection } from './policy-section.tsx';
import { unwellSince } from './since.ts';

const FigureChart = lazy(() => loaded(() => import('../charts/line-chart.tsx')));

const seriesEveryMs = 5000;
const tracesEveryMs = 15_000;
const succeeded = (failed: number | null) => (failed === null ? null : 1 - failed);

interface PanelProps {
  readonly edge: MapEdge;
  readonly close: () => void;
}

/** The panel. */
export function EdgePanel({ edge, close }: PanelProps) {
  const call = callEdges.find(({ caller, callee }) => caller === edge.from && callee === edge.to);
  return (
    <aside className="card edge-panel" aria-label={`Edge ${edge.id}`}>
      <header>
        <h2>{edge.id}</h2>
        <Button className="quiet" onPress={close} aria-label="Close the panel">
          ✕
        </Button>
      </header>
      <Troubles edge={edge} />
      {call !== undefined && troublesOf(edge).length > 0 && <Since path={seriesPath(call)} />}
      <dl className="tiles">
        <Tile name="rate" value={rateText(edge.rate)} />
        {call !== undefined && <Tile name="succeed" value={shareText(succeeded(edge.failed))} />}
        <Tile name="p95" value={millisecondsText(edge.p95_ms)} />
        {call !== undefined && <Tile name="attempts" value={attemptsText(edge.attempts)} />}
      </dl>
      {call !== undefined && (
        <>
          <Series path={seriesPath(call)} />
          <Traces path={`/api/console/edges/${call.caller}/${call.callee}/traces`} />
          <section aria-labelledby="fault">
            <h3 id="fault">Fault</h3>
            <FaultNow edge={edge} service={call.callee} />
            <FaultForm first={firstWish(call.callee, call.caller)} fixed />
          </section>
          <PolicySection caller={call.caller} callee={call.callee} />
        </>
      )}
    </aside>
  );
}

function Tile({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** What is wrong with the edge, or that it is well. */
function Troubles({ edge }: { readonly edge: MapEdge }) {
  const troubles = troublesOf(edge);
  if (troubles.length === 0) {
    const health = healthOf(edge);
    return <p className={`state ${health}`}>{healthText(health)}</p>;
  }
  return (
    <ul className="plain">
      {troubles.map(({ health, text }) => (
        <li key={text} className={`state ${health}`}>
          {healths[health].sign} {text}
        </li>
      ))}
    </ul>
  );
}

const seriesPath = ({ caller, callee }: CallEdge) => `/api/console/edges/${caller}/${callee}/series`;

/** The figures over the last minutes; asked for once, whoever shows them. */
function useSeries(path: string) {
  return useReading({
    queryKey: ['series', path],
    queryFn: ({ signal }) => ask(edgeSeriesSchema, path, { signal }),
    refetchInterval: useEvery(seriesEveryMs),
  });
}

/** Since when it is not well. */
function Since({ path }: { readonly path: string }) {
  const { data } = useSeries(path);
  const since = data === undefined ? null : unwellSince(data);
  if (since === null) return null;
  return (
    <p className="soft">
      {since === 'longer'
        ? 'For longer than is shown here.'
        : `Since ${timeText(since)}, as far as was counted.`}
    </p>
  );
}

function Series({ path }: { readonly path: string }) {
  const { data, error } = useSeries(path);
  return (
    <section aria-labelledby="figures">
      <h3 id="figures">Last five minutes</h3>
      <Unread error={error} />
      {data !== undefined && (
        <Suspense fallback={<p>Drawing…</p>}>
          <FigureChart title="calls per second" times={data.times} values={data.rate} text={rateText} />
          <FigureChart title="failed" times={data.times} values={data.failed} text={shareText} />
          <FigureChart
            title="p95 of an attempt"
            times={data.times}
            values={data.p95_ms}
            text={millisecondsText}
          />
          <FigureChart
            title="attempts per call"
            times={data.times}
            values={data.attempts}
            text={attemptsText}
          />
        </Suspense>
      )}
    </section>
  );
}

function Traces({ path }: { readonly path: string }) {
  const { data, error } = useReading({
    queryKey: ['traces', path],
    queryFn: ({ signal }) => ask(edgeTracesSchema, path, { signal }),
    refetchInterval: useEvery(tracesEveryMs),
  });
  return (
    <section aria-labelledby="traces">
      <h3 id="traces">Traces</h3>
      <Unread error={error} />
      {data === undefined && error === null && <p>Reading…</p>}
      {data !== undefined && (
        <>
          <TraceList title="slowest" traces={data.slowest} none="no call in the last five minutes" />
          <TraceList title="failed" traces={data.failed} none="none in the last five minutes" />
        </>
      )}
    </section>
  );
}

interface TraceListProps {
  readonly title: string;
  readonly traces: readonly EdgeTrace[];
  readonly none: string;
}

function TraceList({ title, traces, none }: TraceListProps) {
  return (
    <>
      <h4>{title}</h4>
      {traces.length === 0 && <p className="soft">{none}</p>}
      <ul className="plain">
        {traces.map(({ trace_id: id, at, took_ms: took, failed, order_id: order }) => (
          <li key={id}>
            <span className={failed ? 'state bad' : 'state'}>
              {failed ? '✗ ' : ''}
              {millisecondsText(took)}
            </span>{' '}
            {timeText(at)}{' '}
            {order === null ? (
              <Link to="/traces/$trace" params={{ trace: id }}>
                trace {id.slice(0, 8)}
              </Link>
            ) : (
              <Link to="/orders/$id" params={{ id: String(order) }}>
                order {order}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function FaultNow({ edge, service }: { readonly edge: MapEdge; readonly service: string }) {
  const clear = useChange(clearFaults, ['faults', 'overview']);
  if (edge.faults.length === 0) return <Said error={clear.error}>{clear.data && 'Cleared.'}</Said>;
  return (
    <>
      <p>
        {badgesOf(edge)
          .filter(({ kind }) => kind === 'fault')
          .map(({ text }) => (
            <span key={text} className="badge fault">
              {text}
            </span>
          ))}
      </p>
      <div className="row">
        <Button
          className="main"
          isDisabled={!clear.allowed || clear.isPending}
          onPress={() => clear.mutate(service)}
        >
          Clear faults of {service}
        </Button>
        <Command words={`fault clear ${service}`} />
      </div>
      <Said error={clear.error} />
    </>
  );
}
