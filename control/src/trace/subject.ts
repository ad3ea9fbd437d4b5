/** What a trace is about: the placing of an order, a repeat of that request, or anything else. */
import { attributes, eventRoutes, serviceNamed } from '@microshop/topology';
import type { Span } from './span.ts';

/**
 * What a trace is about. A repeat was answered with the order that its idempotency key had placed before.
 * `orderId` is undefined when no span tells it.
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
 * Tells what a trace is about. An order is placed when one was answered with 201, by the app or, where its span is lost,
 * by the gateway; and when its event left, whoever was there to hear the answer.
 */
export function subjectOf(spans: readonly Span[]): Subject {
  const own = spans.filter((span) => span.trace_id === spans[0]?.trace_id);
  const events = own.filter(isFirstEvent);
  const told = [...own.filter(isOfPlacing), ...events].map(orderIdOf).find((id) => id !== undefined);
  if (events.length === 0 && own.some((span) => isOfPlacing(span) && isRepeat(span))) {
    return { of: 'repeat', orderId: told };
  }
  const placed = events.length > 0 || told !== undefined || own.some(isAccepted);
  return { of: placed ? 'order' : 'request', orderId: told };
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
