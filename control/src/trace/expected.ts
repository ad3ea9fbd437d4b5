/** The spans an accepted order, or a repeat of it, must leave, derived from the topology: a tree of hops. */
import {
  attributes,
  type EventRoute,
  eventRoutes,
  type Service,
  type ServiceName,
  serviceNamed,
} from '@microshop/topology';
import type { Span } from './span.ts';

/** One hop: a span that must be there, somewhere below the span of the hop above it. */
export interface Hop {
  /** What is missing when it is not there. */
  readonly name: string;
  readonly matches: (span: Span) => boolean;
  /** Whether nothing may be between it and the hop above. */
  readonly directly: boolean;
  /** Whether it may as well not have happened; where it has, what is below it must be there. */
  readonly optional: boolean;
  readonly below: readonly Hop[];
}

function hop(name: string, matches: Hop['matches'], below: readonly Hop[] = []): Hop {
  return { name, matches, directly: false, optional: false, below };
}

/** Statements that change nothing by themselves. */
const readsOrBrackets = /^(SELECT|BEGIN|COMMIT|ROLLBACK)\b/;

/** SQL of a service: its own, not that of what it calls or causes. */
function database(name: string, service: ServiceName, does: 'asks' | 'writes'): Hop {
  const matches = (span: Span) =>
    span.service === service &&
    span.kind === 'client' &&
    'db.system.name' in span.attributes &&
    (does === 'asks' || !readsOrBrackets.test(span.name));
  return { name, matches, directly: true, optional: false, below: [] };
}

function span(
  service: string,
  kind: Span['kind'],
  text: string,
  extra: (found: Span) => boolean = () => true,
) {
  return (found: Span) =>
    found.service === service && found.kind === kind && found.name.includes(text) && extra(found);
}

const attribute = (key: string, value: string | number) => (found: Span) => found.attributes[key] === value;

/** A request from the sidecar of a service to what its app does with it. */
function inbound(service: Service, method: string, below: readonly Hop[]): Hop {
  const request = `${method} ${service.route}`;
  return hop(
    `${service.name}-sidecar takes ${request}`,
    span(`${service.name}-sidecar`, 'server', request, attribute(attributes.direction, 'inbound')),
    [hop(`${service.name} serves ${request}`, span(service.name, 'server', request), below)],
  );
}

/** A call of a service to a peer: breaker, the caller's sidecar, at least one attempt, and the peer's work. */
function call(caller: ServiceName, callee: Service): Hop {
  const peer = attribute(attributes.peer, callee.name);
  return hop(
    `${caller} calls ${callee.name} (breaker)`,
    ({ service, name }) => service === caller && name === `call ${callee.name}`,
    [
      hop(
        `${caller}-sidecar takes the call to ${callee.name}`,
        span(`${caller}-sidecar`, 'server', 'outbound', peer),
        [
          hop(`${caller}-sidecar tries ${callee.name}`, span(`${caller}-sidecar`, 'client', 'try', peer), [
            inbound(callee, 'GET', [
              database(`${callee.name} asks ${callee.database.name}`, callee.name, 'asks'),
            ]),
          ]),
        ],
      ),
    ],
  );
}

/** An event: published, and processed where it belongs, with what the processing does to the database. */
function event(route: EventRoute, below: readonly Hop[]): Hop {
  const { type, from, to, routingKey } = route;
  return hop(`${from} publishes ${type}`, span(from, 'producer', routingKey), [
    hop(`${to} processes ${type}`, span(to, 'consumer', '', attribute(attributes.eventType, type)), [
      database(`${to} writes ${serviceNamed(to).database.name} for ${type}`, to, 'writes'),
      ...below,
    ]),
  ]);
}

const orders = serviceNamed('orders');

/** The request for an order, from the gateway to the app, and what the app does. */
function request(below: readonly Hop[]): Hop {
  const name = `POST ${orders.route}`;
  return hop(`gateway takes ${name}`, span('gateway', 'server', name), [
    hop('gateway calls orders', span('gateway', 'client', 'to orders'), [inbound(orders, 'POST', below)]),
  ]);
}

const calls = orders.calls.map((name) => call(orders.name, serviceNamed(name)));

/** One tree of hops for each way an order can end, by the events that are part of one. */
export function hopsOfOrder(routes: readonly EventRoute[]): readonly Hop[] {
  const part = (which: EventRoute['inOrder']) => routes.filter(({ inOrder }) => inOrder === which);
  return part('outcome').map((outcome) =>
    request([
      ...calls,
      database(`orders writes ${orders.database.name}`, orders.name, 'writes'),
      ...part('first').map((first) => event(first, first.to === outcome.from ? [event(outcome, [])] : [])),
    ]),
  );
}

/** One tree of hops for each way an order can end; a whole trace fits one of them. */
export const expectedHops: readonly Hop[] = hopsOfOrder(eventRoutes);

/** A call that got an answer: of one that failed, the peer may never have known. */
const answered = attribute('http.response.status_code', 200);

/**
 * The hops of a request whose key had placed the order before: the order is read. One that came while the first was
 * under way asks the peers, too, before it waits for it.
 */
export const repeatHops: readonly Hop[] = [
  request([
    database(`orders asks ${orders.database.name}`, orders.name, 'asks'),
    ...calls.map((one) => ({
      ...one,
      optional: true,
      matches: (found: Span) => one.matches(found) && answered(found),
    })),
  ]),
];
