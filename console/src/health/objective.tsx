/** The promises to clients, and what is left of the budget for breaking them. */
import type { ObjectiveNow } from '@microshop/control/console/health-schemas';
import { ageText, shareText, unbroken } from '../look/format.ts';
import { Table } from '../look/table.tsx';

interface Look {
  readonly sign: string;
  readonly health: 'well' | 'watched' | 'bad' | 'idle';
}

const unknown: Look = { sign: '?', health: 'idle' };
const well: Look = { sign: '✓', health: 'well' };
const watched: Look = { sign: '!', health: 'watched' };
const bad: Look = { sign: '✗', health: 'bad' };

/** The promise is broken when nothing is left; with less than half it is watched. */
function lookOfBudget(left: number | null): Look {
  if (left === null) return unknown;
  if (left <= 0) return bad;
  return left < 0.5 ? watched : well;
}

function lookOfBurn(factor: number | null, { warn, bad: most }: ObjectiveNow['limits']): Look {
  if (factor === null) return unknown;
  if (factor > most) return bad;
  return factor > warn ? watched : well;
}

/** The promises, and how fast the budget burns. */
export function Objective({ objective }: { readonly objective: ObjectiveNow | null }) {
  if (objective === null) return <p className="state idle">? Prometheus does not say.</p>;
  const { period_minutes: minutes, promises, burns, limits } = objective;
  const period = ageText(minutes * 60);
  return (
    <>
      <Table label="What clients are promised" columns={[`of the last ${period}`, 'kept', 'budget left']}>
        {promises.map(({ says, kept, budget_left: left }) => {
          const { sign, health } = lookOfBudget(left);
          return (
            <tr key={says}>
              <th scope="row">{unbroken(says)}</th>
              <td className="share">{shareText(kept)}</td>
              <td>
                <span className={`state ${health}`}>
                  {sign} {shareText(left)}
                </span>
                <meter min={0} max={1} value={Math.max(0, left ?? 0)} aria-label={`budget left: ${says}`} />
              </td>
            </tr>
          );
        })}
      </Table>
      <h3>How fast failures use up the budget</h3>
      <ul className="plain">
        {burns.map(({ window, factor }) => {
          const { sign, health } = lookOfBurn(factor, limits);
          return (
            <li key={window} className={`state ${health}`}>
              {sign} over {window}: {factor === null ? 'no orders' : `${factor.toFixed(1)} times`}
            </li>
          );
        })}
      </ul>
      <p className="soft">
        1.0 times uses the whole budget in {period}. Alerts fire above {limits.bad} times, and above{' '}
        {limits.warn} when it lasts.
      </p>
    </>
  );
}
