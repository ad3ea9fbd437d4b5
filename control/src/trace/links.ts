/**
 * Work done elsewhere: a message that took effect in a batch has its SQL in the batch's own trace, and only a link to
 * it. Here that work is hung where the link is, so that whoever reads the order's trace sees it whole.
 */
import { type Span, spanTree } from './span.ts';

/** A link from a span to one of another trace. */
export interface SpanLink {
  readonly from: string;
  readonly toTrace: string;
  readonly toSpan: string;
}

/** A trace with the links of its spans. */
export interface LinkedTrace {
  readonly spans: readonly Span[];
  readonly links: readonly SpanLink[];
}

/**
 * The spans of the trace, and below each span that links to another trace the linked span with all that is below it,
 * `trace_id` unchanged. The links of a root tell where it comes from (a batch, of its messages) and are not followed.
 */
export async function followLinks(
  { spans, links }: LinkedTrace,
  readTrace: (traceId: string) => Promise<LinkedTrace | undefined>,
): Promise<Span[]> {
  const roots = new Set(spans.filter((span) => span.parent_id === null).map((span) => span.span_id));
  const followed = links.filter((link) => !roots.has(link.from));
  const traces = new Map(
    await Promise.all(
      [...new Set(followed.map((link) => link.toTrace))].map(
        async (traceId) => [traceId, (await readTrace(traceId))?.spans ?? []] as const,
      ),
    ),
  );
  const hung = new Set<string>();
  return [
    ...spans,
    ...followed.flatMap(({ from, toTrace, toSpan }) => {
      // one batch can hold two copies of a message; its work is shown once
      const target = traces.get(toTrace)?.find((span) => span.span_id === toSpan);
      if (target === undefined || hung.has(toSpan)) return [];
      hung.add(toSpan);
      const below = spanTree(traces.get(toTrace) ?? []).descendantsOf(target);
      return [{ ...target, parent_id: from }, ...below];
    }),
  ];
}
