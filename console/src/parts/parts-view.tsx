/** Every part, whether it answers, and what to do when it does not; and where everything is. */
import { useOverview } from '../api/live.ts';
import { useSession } from '../api/session.ts';
import { Command } from '../app/command.tsx';
import { Table } from '../look/table.tsx';
import { Wide } from '../look/wide.tsx';

/** The view. */
export function PartsView() {
  const { data, error } = useOverview();
  const session = useSession().data;
  return (
    <>
      <h1>Parts</h1>
      {error !== null && <p className="notice bad">{error.message}</p>}
      <div className="two">
        <section className="card" aria-labelledby="state">
          <h2 id="state">Whether they answer</h2>
          <Table label="Whether they answer" columns={['part', 'kind', 'state']}>
            {data?.parts.map(({ name, kind, healthy, why }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{kind}</td>
                <td>
                  <span className={healthy ? 'state well' : 'state bad'}>
                    {healthy ? '✓ answers' : `✗ ${why}`}
                  </span>
                  {!healthy && <Command words={`start ${name}`} />}
                </td>
              </tr>
            ))}
          </Table>
        </section>
        <section className="card" aria-labelledby="where">
          <h2 id="where">Where everything is</h2>
          <Wide label="Where everything is">
            <table>
              <tbody>
                {Object.entries(session?.urls ?? {}).map(([what, url]) => (
                  <tr key={what}>
                    <th scope="row">{what}</th>
                    <td>{url.startsWith('http') ? <a href={url}>{url}</a> : <code>{url}</code>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          <Command words="status" />
        </section>
      </div>
    </>
  );
}
