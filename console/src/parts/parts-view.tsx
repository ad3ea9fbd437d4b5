/** Every part, and whether it answers. */
import { partListSchema } from '@microshop/control/console/schemas';
import { useQuery } from '@tanstack/react-query';
import { ask } from '../api/ask.ts';

const everyMs = 3000;

/** The view. */
export function PartsView() {
  const { data, error } = useQuery({
    queryKey: ['parts'],
    queryFn: ({ signal }) => ask(partListSchema, '/api/console/parts', { signal }),
    refetchInterval: everyMs,
  });
  return (
    <section className="card" aria-labelledby="parts">
      <h1 id="parts">Parts</h1>
      {error !== null && <p className="notice bad">{error.message}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col">kind</th>
            <th scope="col">state</th>
          </tr>
        </thead>
        <tbody>
          {data?.parts.map(({ name, kind, healthy, why }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{kind}</td>
              <td>
                <span className={healthy ? 'state good' : 'state bad'}>
                  {healthy ? '✓ answers' : `✗ ${why}`}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
