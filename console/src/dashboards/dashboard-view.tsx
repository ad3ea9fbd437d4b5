/** One dashboard: its panels at their places, the time it shows, and the faults that were set then. */
import { type DashboardData, dashboardSchema } from '@microshop/control/console/dashboard-schemas';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useId, useMemo } from 'react';
import { ask } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Unread } from '../look/unread.tsx';
import { useDashboards } from './dashboards-view.tsx';
import { chosenWith, filledOf, moved, spans } from './filled.ts';
import { PanelPicture } from './panel-picture.tsx';
import './dashboards.css';

/** Time between two readings, milliseconds: two scrapes. */
const everyMs = 10_000;

/** The view. */
export function DashboardView() {
  const { uid } = useParams({ from: '/dashboards/$uid' });
  const { minutes, until, choose } = useSearch({ from: '/dashboards/$uid' });
  const every = useEvery(everyMs);
  const query = new URLSearchParams([
    ...(minutes === undefined ? [] : [['minutes', String(minutes)]]),
    ...(until === undefined ? [] : [['until', String(until)]]),
    ...(choose === undefined ? [] : [['choose', choose]]),
  ]);
  const { data, error } = useReading({
    queryKey: ['dashboard', uid, query.toString()],
    queryFn: ({ signal }) => ask(dashboardSchema, `/api/console/dashboards/${uid}?${query}`, { signal }),
    // a time range in the past does not change
    refetchInterval: until === undefined ? every : false,
    placeholderData: (earlier, before) => (before?.queryKey[1] === uid ? earlier : undefined),
  });
  const others = useDashboards().data?.dashboards ?? [];
  return (
    <>
      <nav aria-label="Dashboards" className="row">
        {others.map((one) => (
          <Link
            key={one.uid}
            to="/dashboards/$uid"
            params={{ uid: one.uid }}
            search={(now) => ({ ...now, choose: undefined })}
            activeOptions={{ includeSearch: false }}
          >
            {one.title}
          </Link>
        ))}
      </nav>
      <h1>{data?.title ?? uid}</h1>
      <Unread error={error} />
      {data === undefined && error === null && <p>Reading…</p>}
      {data !== undefined && (
        <>
          <Controls data={data} />
          <Panels data={data} />
        </>
      )}
    </>
  );
}

/** `14:05`, and the day where it is not today; UTC, as on the axes. */
function atText(ms: number): string {
  const [day = '', time = ''] = new Date(ms).toISOString().split('T');
  const today = new Date().toISOString().startsWith(day);
  return `${today ? '' : `${day} `}${time.slice(0, 5)}`;
}

/** What is shown: time and choices; all of it stands in the address. */
function Controls({ data: { range, events, variables } }: { readonly data: DashboardData }) {
  const { until, choose } = useSearch({ from: '/dashboards/$uid' });
  const navigate = useNavigate({ from: '/dashboards/$uid' });
  const spanId = useId();
  const minutes = Math.round((range.endMs - range.startMs) / 60_000);
  const end = until ?? range.endMs;
  const marks = new Map(
    events.filter(({ stretches }) => stretches.length > 0).map(({ name, colour }) => [name, colour]),
  );
  return (
    <section className="card row" aria-label="Time and choices">
      <span className="field">
        <label htmlFor={spanId}>shows</label>
        <select
          id={spanId}
          value={minutes}
          onChange={({ target }) =>
            void navigate({ search: (now) => ({ ...now, minutes: Number(target.value) }) })
          }
        >
          {[...new Set([...spans, minutes])]
            .sort((one, other) => one - other)
            .map((span) => (
              <option key={span} value={span}>
                {span} min
              </option>
            ))}
        </select>
      </span>
      {variables.map(({ name, label, values, chosen, all }) => (
        <Variable
          key={name}
          label={label}
          values={chosen === null || values.includes(chosen) ? values : [...values, chosen]}
          chosen={chosen}
          all={all}
          choose={(value) =>
            void navigate({ search: (now) => ({ ...now, choose: chosenWith(choose, name, value) }) })
          }
        />
      ))}
      <span>
        {atText(range.startMs)} to {atText(range.endMs)} UTC
      </span>
      <Link
        to="/dashboards/$uid"
        from="/dashboards/$uid"
        search={(now) => ({ ...now, minutes, until: moved(end, minutes, 'earlier', Date.now()) })}
      >
        Earlier
      </Link>
      {until !== undefined && (
        <>
          <Link
            to="/dashboards/$uid"
            from="/dashboards/$uid"
            search={(now) => ({ ...now, minutes, until: moved(end, minutes, 'later', Date.now()) })}
          >
            Later
          </Link>
          <Link
            to="/dashboards/$uid"
            from="/dashboards/$uid"
            search={(now) => ({ ...now, until: undefined })}
          >
            Now
          </Link>
        </>
      )}
      {marks.size > 0 && (
        <span>
          Faults:{' '}
          {[...marks].map(([name, colour]) => (
            <span key={name} className="badge fault" style={{ borderColor: colour }}>
              {name}
            </span>
          ))}
        </span>
      )}
    </section>
  );
}

interface VariableProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: string | null;
  /** Whether all can be shown at once. */
  readonly all: boolean;
  readonly choose: (value: string | null) => void;
}

function Variable({ label, values, chosen, all, choose }: VariableProps) {
  const id = useId();
  return (
    <span className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={chosen ?? ''}
        onChange={({ target }) => choose(target.value === '' ? null : target.value)}
      >
        {all && <option value="">all</option>}
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </span>
  );
}

function Panels({ data }: { readonly data: DashboardData }) {
  // skip drawing the same data again
  const { panels, scene } = useMemo(() => filledOf(data), [data]);
  return (
    <div className="panels">
      {panels.map((filled) => {
        const { title, type, gridPos } = filled.panel;
        const { x, y, w, h } = gridPos;
        const place = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` };
        if (type === 'row') {
          return (
            <h2 key={`${y} ${title}`} style={place}>
              {title}
            </h2>
          );
        }
        return (
          <figure key={`${x} ${y} ${title}`} className={`panel ${type}`} style={place}>
            <PanelPicture filled={filled} scene={scene} />
          </figure>
        );
      })}
    </div>
  );
}
