/**
 * What a trace is about (the placing of an order, a repeat of that request, or anything else), and whether it is whole:
 * one root, no orphan, every expected hop, and a span of everybody who has answered.
 */
import { attributes, eventRoutes, serviceNamed } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { silentOf } from './answered.ts';
import { expectedHops, type Hop, repeatHops } from './expected.ts';
import { byTime, type Span, type SpanTree, spanSchema, spanTree, uniqueSpans } from './span.ts';

/**
 * What a trace is about. A repeat was answered with the order that its idempotency key had placed before.
 * `orderId` is undefined when no span has it.
 */
export interface Subject {
  readonly of: 'order' | 'repeat' | 'request';
  readonly orderId: number | undefined;
}

const orders = serviceNamed('orders');
const placing = `POST ${orders.route}`;

/** Types of the events that begin an order's way. */
const firstEvents: ReadonlySet<unknown> = new Set(
  eventRoutes.filter(({ inOrder }) => inOrder === 'first').map(({ type }) => type),
);

/**
 * What a trace is about. An order is placed when one was answered with 201, by the app or, where its span is lost,
 * by the gateway; and when its event left, whether or not the answer arrived.
 */
export function subjectOf(spans: readonly Span[]): Subject {
  const own = spans.filter((span) => span.trace_id === spans[0]?.trace_id);
  const events = own.filter(isFirstEvent);
  const orderId = [...own.filter(isOfPlacing), ...events].map(orderIdOf).find((id) => id !== undefined);
  if (events.length === 0 && own.some((span) => isOfPlacing(span) && isRepeat(span))) {
    return { of: 'repeat', orderId: orderId };
  }
  const placed = events.length > 0 || orderId !== undefined || own.some(isAccepted);
  return { of: placed ? 'order' : 'request', orderId: orderId };
}

/** Number of the order a span is about. */
export function orderIdOf(span: Span): number | undefined {
  const id = Number(span.attributes[attributes.orderId]);
  return id > 0 ? id : undefined;
}

/** What the app wrote of the request; an internal span when the client had left before the order was placed. */
function isOfPlacing({ service, kind, name }: Span): boolean {
  return service === orders.name && (kind === 'internal' || (kind === 'server' && name === placing));
}

function isFirstEvent({ service, kind, attributes: known }: Span): boolean {
  return service === orders.name && kind === 'producer' && firstEvents.has(known[attributes.eventType]);
}

function isRepeat({ attributes: known }: Span): boolean {
  return known[attributes.orderRepeated] === true;
}

function isAccepted({ service, kind, name, attributes: known }: Span): boolean {
  if (kind !== 'server' || name !== placing) return false;
  const status = service === 'gateway' ? known['http.status_code'] : known['http.response.status_code'];
  return (service === 'gateway' || service === orders.name) && Number(status) === 201;
}

/** Answer of `./mesh trace --json` and of the control service. */
export const verdictSchema = Type.Object({
  /** `null` when Jaeger holds no span of the order. */
  trace_id: Type.Union([Type.String(), Type.Null()]),
  /** What it was judged as: the placing of an order, a request answered with an order placed before, any other request. */
  of: Type.Union([Type.Literal('order'), Type.Literal('repeat'), Type.Literal('request')]),
  /** Number of the order; `null` when no span has it. */
  order_id: Type.Union([Type.Integer(), Type.Null()]),
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

/**
 * Judges the spans of an accepted order by the ways in which one can end. With no spans at all everything is missing.
 */
export function judgeOrder(
  spans: readonly Span[],
  orderId = subjectOf(spans).orderId,
  ways = expectedHops,
): Verdict {
  return verdict(spans, { of: 'order', orderId }, ways);
}

/** Judges a trace as what it is about: an order, a repeat of one, or any other request, that by its tree and by who has answered. */
export function judgeTrace(spans: readonly Span[]): Verdict {
  const subject = subjectOf(spans);
  if (subject.of === 'order') return judgeOrder(spans);
  return verdict(spans, subject, subject.of === 'repeat' ? repeatHops : []);
}

/** `ways` are alternatives: the one with the least missing counts. */
function verdict(spans: readonly Span[], subject: Subject, ways: readonly Hop[]): Verdict {
  const tree = spanTree(spans);
  // a span with another order's number proves nothing for this one
  const proves = (span: Span) =>
    subject.orderId === undefined || (orderIdOf(span) ?? subject.orderId) === subject.orderId;
  const [expected = []] = ways
    .map((hop) => missingOf(hop, tree.roots, tree, proves))
    .sort((one, other) => one.length - other.length);
  const missing = expected.length > 0 ? expected : silentOf(spans, tree);
  const { roots, orphans } = tree;
  return {
    trace_id: spans[0]?.trace_id ?? null,
    of: subject.of,
    order_id: subject.orderId ?? null,
    complete: missing.length === 0 && roots.length === 1 && orphans.length === 0,
    missing: [...missing],
    roots: roots.length,
    orphans: orphans.length,
    spans: uniqueSpans(spans).sort(byTime),
  };
}

/**
 * What is missing of a hop among `candidates`. Where several spans fit (tries, SQL), the one with the least missing
 * counts. A hop that is missing hides those below it.
 */
function missingOf(
  hop: Hop,
  candidates: readonly Span[],
  tree: SpanTree,
  proves: (span: Span) => boolean,
): readonly string[] {
  let best: readonly string[] | undefined;
  for (const span of candidates.filter((one) => proves(one) && hop.matches(one))) {
    const missing = hop.below.flatMap((next) =>
      missingOf(next, next.directly ? ownWork(span, tree) : tree.descendantsOf(span), tree, proves),
    );
    if (best === undefined || missing.length < best.length) best = missing;
  }
  return best ?? (hop.optional ? [] : [hop.name]);
}

/** What a span did itself; work that was done for it in a batch (a span of another trace hung below it) is its own. */
function ownWork(span: Span, tree: SpanTree): readonly Span[] {
  return tree
    .childrenOf(span)
    .flatMap((child) => [child, ...(child.trace_id === span.trace_id ? [] : tree.childrenOf(child))]);
}
