/** Whether the trace of an order is whole: one root, no orphan, every expected hop. */
import { type Static, Type } from 'typebox';
import { expectedHops, type Hop } from './expected.ts';
import { byTime, type Span, type SpanTree, spanSchema, spanTree } from './span.ts';

/** Answer of `./mesh trace --json` and of the control service. */
export const verdictSchema = Type.Object({
  /** `null` when Jaeger holds no span of the order. */
  trace_id: Type.Union([Type.String(), Type.Null()]),
  /** True with exactly one root, no orphan and nothing missing. */
  complete: Type.Boolean(),
  /** Hops that left no span, the uppermost of each branch. */
  missing: Type.Array(Type.String()),
  /** Number of spans without a parent. */
  roots: Type.Integer(),
  /** Number of spans whose parent is not in the trace. */
  orphans: Type.Integer(),
  /** In order of start. */
  spans: Type.Array(spanSchema),
});

/** A trace and whether it is whole. */
export type Verdict = Static<typeof verdictSchema>;

/** Judges the spans of an accepted order. With no spans at all everything is missing. */
export function judgeOrder(spans: readonly Span[]): Verdict {
  const tree = spanTree(spans);
  const missing = expectedHops
    .map((hop) => missingOf(hop, tree.roots, tree))
    .reduce((best, other) => (other.length < best.length ? other : best));
  return verdict(spans, missing);
}

/** Judges the spans of any other request: by their tree alone. */
export function judgeTree(spans: readonly Span[]): Verdict {
  return verdict(spans, []);
}

function verdict(spans: readonly Span[], missing: readonly string[]): Verdict {
  const { roots, orphans } = spanTree(spans);
  return {
    trace_id: spans[0]?.trace_id ?? null,
    complete: missing.length === 0 && roots.length === 1 && orphans.length === 0,
    missing: [...missing],
    roots: roots.length,
    orphans: orphans.length,
    spans: [...spans].sort(byTime),
  };
}

/**
 * What is missing of a hop among `candidates`. Where several spans fit (tries, SQL), the one with the least missing
 * counts. A hop that is missing hides those below it.
 */
function missingOf(hop: Hop, candidates: readonly Span[], tree: SpanTree): readonly string[] {
  let best: readonly string[] | undefined;
  for (const span of candidates.filter(hop.matches)) {
    const missing = hop.below.flatMap((next) =>
      missingOf(next, next.directly ? ownWork(span, tree) : tree.descendantsOf(span), tree),
    );
    if (best === undefined || missing.length < best.length) best = missing;
  }
  return best ?? [hop.name];
}

/** What a span did itself; work that was done for it in a batch (a span of another trace hung below it) is its own. */
function ownWork(span: Span, tree: SpanTree): readonly Span[] {
  return tree
    .childrenOf(span)
    .flatMap((child) => [child, ...(child.trace_id === span.trace_id ? [] : tree.childrenOf(child))]);
}
