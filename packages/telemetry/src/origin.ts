/** Writes the origin that travels in the baggage on every span that is begun in its context. */
import { attributes, labOrigin, origins } from '@microshop/topology';
import { type Context, propagation } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';

const known: ReadonlySet<string> = new Set([...origins, labOrigin]);

/** The processor. Only known values are written: baggage of a caller could hold anything. */
export const originOnSpans: SpanProcessor = {
  onStart(span: Span, parent: Context) {
    const origin = propagation.getBaggage(parent)?.getEntry(attributes.origin)?.value;
    if (origin !== undefined && known.has(origin)) span.setAttribute(attributes.origin, origin);
  },
  onEnd() {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
