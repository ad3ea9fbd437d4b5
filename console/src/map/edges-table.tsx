/** The same as the map, as a table: for a narrow page, and for who reads rather than looks. */
import type { MapEdge } from '@microshop/control/console/schemas';
import { Link } from '@tanstack/react-router';
import { attemptsText, millisecondsText, rateText, shareText } from '../look/format.ts';
import { Table } from '../look/table.tsx';
import { badgesOf, healthOf, healthText } from './health.ts';

/** Every edge with its figures. */
export function EdgesTable({ edges }: { readonly edges: readonly MapEdge[] }) {
  return (
    <Table
      label="Edges"
      className="figures-table"
      caption="Edges, as the caller sees them"
      columns={['edge', 'state', 'rate', 'succeed', 'p95', 'attempts']}
    >
      {edges.map((edge) => {
        const health = healthOf(edge);
        return (
          <tr key={edge.id}>
            <th scope="row">
              <Link to="/" search={(before) => ({ ...before, edge: edge.id })}>
                {edge.id}
              </Link>
              {badgesOf(edge).map(({ text, kind }) => (
                <span key={text} className={`badge ${kind}`}>
                  {text}
                </span>
              ))}
            </th>
            <td className={`state ${health}`}>{healthText(health)}</td>
            <td>{rateText(edge.rate)}</td>
            <td>{edge.kind === 'http' ? shareText(edge.failed === null ? null : 1 - edge.failed) : ''}</td>
            <td>{millisecondsText(edge.p95_ms)}</td>
            <td>{edge.kind === 'http' ? attemptsText(edge.attempts) : ''}</td>
          </tr>
        );
      })}
    </Table>
  );
}
