/** What a query says, by Prometheus' own grammar. */
import { parser } from '@prometheus-io/lezer-promql';

/** Names of the metrics a query reads, each once. Throws an error that shows where the query is no PromQL. */
export function metricsOf(expr: string): string[] {
  const names = new Set<string>();
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) {
        throw new Error(`no PromQL at "${expr.slice(node.from, node.from + 20)}" in ${expr}`);
      }
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') {
        names.add(expr.slice(node.from, node.to));
      }
    },
  });
  return [...names];
}
