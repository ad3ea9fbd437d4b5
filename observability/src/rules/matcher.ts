/** Adds a matcher to PromQL, found by Prometheus' own grammar. */
import { parser } from '@prometheus-io/lezer-promql';

/**
 * The expression with that matcher (`label="value"`) in each of its selectors. Throws an error that shows where the expression is
 * no PromQL.
 */
export function withMatcher(expr: string, matcher: string): string {
  const inserts: { readonly at: number; readonly text: string }[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, name, node, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at "${expr.slice(from, from + 20)}" in ${expr}`);
      if (name !== 'VectorSelector') return;
      const matchers = node.getChild('LabelMatchers');
      if (matchers === null) {
        inserts.push({ at: to, text: `{${matcher}}` });
        return;
      }
      const isEmpty = matchers.firstChild === null;
      // after its opening brace
      inserts.push({ at: matchers.from + 1, text: isEmpty ? matcher : `${matcher},` });
    },
  });
  // from the end, so that earlier positions stay valid
  return inserts
    .toSorted((one, other) => other.at - one.at)
    .reduce((text, { at, text: more }) => `${text.slice(0, at)}${more}${text.slice(at)}`, expr);
}
