/** Past runs of experiments: what each claimed, its verdict, and its page. */
import { type Run, runListSchema, runPagePath } from '@microshop/control/console/experiment-schemas';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useId } from 'react';
import { ask } from '../api/ask.ts';
import { useEvery } from '../api/live.ts';
import { useReading } from '../api/reading.ts';
import { Table } from '../look/table.tsx';
import { StartExperiment } from './start.tsx';

/** Time between two readings, milliseconds: a run takes a minute. */
const everyMs = 10_000;

const looks = {
  PASS: { sign: '✓', health: 'well' },
  FAIL: { sign: '✗', health: 'bad' },
  INVALID: { sign: '?', health: 'watched' },
} as const;

/** The view. */
export function ExperimentsView() {
  const { name } = useSearch({ from: '/experiments' });
  const navigate = useNavigate({ from: '/experiments' });
  const nameId = useId();
  const query = name === undefined ? '' : `?${new URLSearchParams({ name })}`;
  const { data, error } = useReading({
    queryKey: ['experiments', query],
    queryFn: ({ signal }) => ask(runListSchema, `/api/console/experiments${query}`, { signal }),
    refetchInterval: useEvery(everyMs),
    placeholderData: (earlier) => earlier,
  });
  const lacks = error === null ? (data?.lacks ?? []) : [error.message];
  const names = data?.names ?? [];
  return (
    <>
      <h1>Experiments</h1>
      <StartExperiment />
      <section className="card below" aria-labelledby="past">
        <div className="row">
          <h2 id="past">What was run</h2>
          <span className="field">
            <label htmlFor={nameId}>experiment</label>
            <select
              id={nameId}
              value={name ?? ''}
              onChange={({ target }) =>
                void navigate({ search: { name: target.value === '' ? undefined : target.value } })
              }
            >
              <option value="">any</option>
              {(name === undefined || names.includes(name) ? names : [...names, name]).map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </span>
        </div>
        {lacks.map((lack) => (
          <p key={lack} className="notice bad">
            {lack}
          </p>
        ))}
        {data?.count === 0 && lacks.length === 0 && <p>There are no reports yet.</p>}
        {data !== undefined && data.runs.length > 0 && <RunTable runs={data.runs} />}
        {data !== undefined && data.count > data.runs.length && data.runs.length > 0 && (
          <p className="soft">and {data.count - data.runs.length} older ones</p>
        )}
      </section>
    </>
  );
}

function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <Table label="What was run" columns={['experiment', 'began', 'verdict', 'claim', 'report']}>
      {runs.map((run) => (
        <RunRow key={run.folder} run={run} />
      ))}
    </Table>
  );
}

function VerdictText({ run: { report, comparison } }: { readonly run: Run }) {
  if (report !== null) {
    const { sign, health } = looks[report.verdict];
    return (
      <span className={`state ${health}`}>
        {sign} {report.verdict}
      </span>
    );
  }
  if (comparison === null) return <span className="state idle">… none: under way, or broken</span>;
  const { valid } = comparison;
  return <span className={`state ${valid ? 'well' : 'watched'}`}>{valid ? '✓ compared' : '? INVALID'}</span>;
}

/** What was compared, in the figure that decides it. */
function Compared({ comparison: { figure, arms } }: { readonly comparison: NonNullable<Run['comparison']> }) {
  return (
    <>
      {figure}
      <ul className="plain">
        {arms.map(({ arm, median, said }) => (
          <li key={arm}>
            {arm}: {median}
            {said !== null && `, ${said}`}
          </li>
        ))}
      </ul>
    </>
  );
}

function RunRow({ run }: { readonly run: Run }) {
  const { folder, name, at, report, comparison, page } = run;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{new Date(at).toLocaleString('en-GB')}</td>
      <td>
        <VerdictText run={run} />
      </td>
      <td>
        {comparison !== null && <Compared comparison={comparison} />}
        {report?.hypothesis}
        <ul className="plain soft">
          {report?.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        {report !== null && <code>{report.command}</code>}
      </td>
      <td>
        {page && (
          <a
            href={runPagePath(folder)}
            target="_blank"
            rel="noreferrer"
            aria-label={`open the report of ${folder}`}
          >
            open
          </a>
        )}
      </td>
    </tr>
  );
}
