/** A span as the lab works with it, and the tree that spans form. */
import { type Static, Type } from 'typebox';

/** Value of an attribute. */
const attributeValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/** One span; times in microseconds, `start_us` since the epoch. */
export const spanSchema = Type.Object({
  /** Another than the trace's own for work that was done in a batch. */
  trace_id: Type.String(),
  span_id: Type.String(),
  /** `null` at the root. */
  parent_id: Type.Union([Type.String(), Type.Null()]),
  /** `service.name` of the process that wrote it. */
  service: Type.String(),
  name: Type.String(),
  kind: Type.Union([
    Type.Literal('server'),
    Type.Literal('client'),
    Type.Literal('producer'),
    Type.Literal('consumer'),
    Type.Literal('internal'),
  ]),
  start_us: Type.Integer(),
  duration_us: Type.Integer(),
  error: Type.Boolean(),
  attributes: Type.Record(Type.String(), attributeValue),
});

/** One span. */
export type Span = Static<typeof spanSchema>;

/** End of a span, microseconds since the epoch. */
export function endOf(span: Span): number {
  return span.start_us + span.duration_us;
}

/**
 * Order of start, then of end: the services' clock has milliseconds, so what came one after the other may seem to
 * start together.
 */
export function byTime(one: Span, other: Span): number {
  return one.start_us - other.start_us || endOf(one) - endOf(other);
}

/** The spans of one trace by their place in it. */
export interface SpanTree {
  /** Spans without a parent. */
  readonly roots: readonly Span[];
  /** Spans whose parent is named but not there, and of spans that are each other's parents the first. */
  readonly orphans: readonly Span[];
  /** Children of a span in order of start. */
  childrenOf(span: Span): readonly Span[];
  /** Everything below a span, depth first. */
  descendantsOf(span: Span): readonly Span[];
}

/** Each span once: an exporter that got no answer sends its batch again. */
export function uniqueSpans(spans: readonly Span[]): Span[] {
  return [...new Map(spans.map((span) => [span.span_id, span])).values()];
}

/** Puts spans of one trace into their tree. */
export function spanTree(spans: readonly Span[]): SpanTree {
  const inOrder = uniqueSpans(spans).sort(byTime);
  const known = new Map(inOrder.map((span) => [span.span_id, span]));
  const cut = new Set<Span>();
  for (const span of inOrder) if (isItsOwnAncestor(span, known, cut)) cut.add(span);
  const children = Map.groupBy(
    inOrder.filter((span) => !cut.has(span)),
    (span) => span.parent_id,
  );
  const childrenOf = (span: Span): readonly Span[] => children.get(span.span_id) ?? [];
  const below = new Map<Span, readonly Span[]>();
  // cached: it is asked for the same spans once for each possible hop
  const descendantsOf = (span: Span): readonly Span[] => {
    const known = below.get(span);
    if (known !== undefined) return known;
    const found = childrenOf(span).flatMap((child) => [child, ...descendantsOf(child)]);
    below.set(span, found);
    return found;
  };
  return {
    roots: inOrder.filter((span) => span.parent_id === null),
    orphans: inOrder.filter(
      (span) => cut.has(span) || (span.parent_id !== null && !known.has(span.parent_id)),
    ),
    childrenOf,
    descendantsOf,
  };
}

/** Whether its parents lead back to it, where no loop was cut before. */
function isItsOwnAncestor(span: Span, known: ReadonlyMap<string, Span>, cut: ReadonlySet<Span>): boolean {
  const seen = new Set<Span>();
  for (let at = parentOf(span, known); at !== undefined && !cut.has(at); at = parentOf(at, known)) {
    if (at === span) return true;
    if (seen.has(at)) return false;
    seen.add(at);
  }
  return false;
}

function parentOf({ parent_id: id }: Span, known: ReadonlyMap<string, Span>): Span | undefined {
  return id === null ? undefined : known.get(id);
}
