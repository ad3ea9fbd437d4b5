/** Exchange, queues and bindings of the shop's events (RabbitMQ). */
import type { EventType } from './event-bodies.ts';
import { type ServiceName, services } from './services.ts';

/** Topic exchange all events go through; durable. */
export const eventExchange = 'shop.events';

/** One kind of event on its way. */
export interface EventRoute {
  readonly type: EventType;
  readonly routingKey: string;
  readonly from: ServiceName;
  readonly to: ServiceName;
  /** Quorum queue that receives it. */
  readonly queue: string;
  /** What every order leaves of it: this event as its first, exactly one of the outcomes, or nothing. */
  readonly inOrder: 'first' | 'outcome' | 'nothing';
}

/** Every event on one line: who publishes it, and whose queue it reaches. */
const entries: readonly Omit<EventRoute, 'routingKey'>[] = [
  { type: 'ORDER_CREATED', from: 'orders', to: 'products', queue: 'products.orders', inOrder: 'first' },
  { type: 'STOCK_RESERVED', from: 'products', to: 'orders', queue: 'orders.stock', inOrder: 'outcome' },
  { type: 'STOCK_REJECTED', from: 'products', to: 'orders', queue: 'orders.stock', inOrder: 'outcome' },
];

/** Every event; its routing key is its type, in lower case and with dots: `order.created`. */
export const eventRoutes: readonly EventRoute[] = entries.map((entry) => ({
  ...entry,
  routingKey: entry.type.toLowerCase().replaceAll('_', '.'),
}));

/** Services with an outbox. */
export const outboxServices: readonly ServiceName[] = [...new Set(eventRoutes.map((route) => route.from))];

/** Services that publish or consume events. */
export const brokerServices: readonly ServiceName[] = services
  .map(({ name }) => name)
  .filter((name) => eventRoutes.some(({ from, to }) => from === name || to === name));

/** The route of an event type. */
export function eventRoute(type: EventType): EventRoute {
  const found = eventRoutes.find((route) => route.type === type);
  if (found === undefined) throw new Error(`The topology has no event route for ${type}`);
  return found;
}
