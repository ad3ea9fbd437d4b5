/**
 * The services of the shop and who talks to whom. Everything that can be derived is derived from here:
 * Envoy's routes and clusters, scrape targets, the native runner, and the spans an order must leave.
 */

/** Name of a service; also its `service.name` in telemetry and its `Host` inside the mesh. */
export type ServiceName = 'users' | 'products' | 'orders';

/** One service and what it touches. */
export interface Service {
  readonly name: ServiceName;
  /** Path the gateway routes to this service, with everything below it. */
  readonly route: string;
  /** The service's own database and the role that owns it; no other role may connect. */
  readonly database: { readonly name: string; readonly role: string };
  /** Services it calls over HTTP, through its outbound sidecar. */
  readonly calls: readonly ServiceName[];
  /** Whether it keeps a cache in Redis. */
  readonly cache: boolean;
}

/** Every service, in the order in which they are started. Adding a service is one folder and one entry here. */
export const services: readonly Service[] = [
  {
    name: 'users',
    route: '/api/users',
    database: { name: 'users_db', role: 'users' },
    calls: [],
    cache: false,
  },
  {
    name: 'products',
    route: '/api/products',
    database: { name: 'products_db', role: 'products' },
    calls: [],
    cache: true,
  },
  {
    name: 'orders',
    route: '/api/orders',
    database: { name: 'orders_db', role: 'orders' },
    calls: ['users', 'products'],
    cache: false,
  },
];

/** An HTTP call from one service to another. */
export interface Edge {
  readonly caller: ServiceName;
  readonly callee: ServiceName;
}

/** Every HTTP edge between services, from {@link services}. */
export const edges: readonly Edge[] = services.flatMap((caller) =>
  caller.calls.map((callee) => ({ caller: caller.name, callee })),
);

/** The service of that name. Throws when there is none. */
export function serviceNamed(name: string): Service {
  const found = services.find((service) => service.name === name);
  if (found === undefined) {
    const known = services.map((service) => service.name).join(', ');
    throw new Error(`There is no service "${name}"; the topology names ${known}`);
  }
  return found;
}

/** Role that may read all three databases and write none (audits, tests). */
export const auditRole = 'audit';
