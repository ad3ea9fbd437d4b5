/** A trace as a waterfall, by the rows and the axis that `./mesh trace` draws; with its verdict and what is missing. */
import type { Verdict } from '@microshop/control/trace/verdict';
import { type Row, timeAxis, traceRows } from '@microshop/control/trace/waterfall';
import { millisecondsText } from '../look/format.ts';
import { Wide } from '../look/wide.tsx';

/** Columns of the axis; a bar is placed in percents of it. */
const columns = 100;

/** Part of the width under which a bar could not be seen, percent. */
const leastWidth = 0.4;

/** The waterfall. */
export function Waterfall({ verdict }: { readonly verdict: Verdict }) {
  const rows = traceRows(verdict.spans);
  const axis = timeAxis(
    rows.filter(({ type }) => type === 'span'),
    columns,
  );
  const start = Math.min(...rows.map(({ startUs }) => startUs));
  const end = Math.max(...rows.map(({ endUs }) => endUs));
  return (
    <>
      <VerdictText verdict={verdict} />
      {rows.length > 0 && (
        <p className="soft">
          {verdict.spans.length} spans in {millisecondsText((end - start) / 1000)}
          {axis.breaks.map(({ fromColumn, lengthUs }) => (
            <span key={fromColumn}>
              ; {millisecondsText(lengthUs / 1000)} without any work are cut short (┊)
            </span>
          ))}
        </p>
      )}
      <Wide label="Waterfall of the trace">
        <table className="waterfall">
          <thead>
            <tr>
              <th scope="col">part</th>
              <th scope="col">span</th>
              <th scope="col">took</th>
              <th scope="col" className="axis">
                when
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const from = axis.column(row.startUs);
              const width = Math.max(leastWidth, axis.column(row.endUs) - from);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows differ only by their position
                <tr key={index} className={kindOf(row)}>
                  <th scope="row">{row.service}</th>
                  <td className="span-name" style={{ paddingLeft: `${0.4 + row.depth * 0.55}rem` }}>
                    {row.name}
                    <b>
                      {row.outcome}
                      {row.detail}
                    </b>
                  </td>
                  <td className="number">{millisecondsText((row.endUs - row.startUs) / 1000)}</td>
                  <td className="axis">
                    {axis.breaks.map(({ fromColumn }) => (
                      <i key={fromColumn} className="cut" style={{ left: `${fromColumn}%` }} />
                    ))}
                    <i
                      className="bar"
                      style={{ left: `${Math.min(from, columns - leastWidth)}%`, width: `${width}%` }}
                    />
                  </td>
                </tr>
              );
            })}
            {verdict.missing.map((hop) => (
              <tr key={hop} className="gap">
                <th scope="row">missing</th>
                <td className="span-name">{hop}</td>
                <td />
                <td className="axis">
                  <i className="bar" style={{ left: 0, width: '100%' }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function kindOf({ error, type }: Row): string {
  return error ? 'error' : type;
}

function VerdictText({ verdict: { complete, missing, roots, orphans, of } }: { readonly verdict: Verdict }) {
  if (complete) {
    return (
      <p className="state well">✓ complete: one root, no orphan{of === 'order' ? ', no hop missing' : ''}</p>
    );
  }
  const found = [
    ...(roots === 1 ? [] : [`${roots} roots instead of one`]),
    ...(orphans === 0 ? [] : [`${orphans} spans whose parent is missing`]),
    ...(missing.length === 0 ? [] : [`${missing.length} hops missing`]),
  ];
  return <p className="state bad">✗ incomplete: {found.join(', ')}</p>;
}
